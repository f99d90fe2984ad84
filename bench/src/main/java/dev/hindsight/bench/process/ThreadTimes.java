package dev.hindsight.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** CPU of the threads of one process, also of those that have ended since they were last seen. One thread at a time. */
final class ThreadTimes {
    /** USER_HZ, which Linux holds at this for programs. */
    private static final double TICKS_PER_SECOND = 100;

    /** Fields of {@code /proc/PID/task/TID/stat} after the name: utime is the 14th of all, stime the 15th. */
    private static final int USER_FIELD = 11;

    private record Seen(String name, double cpuSeconds) {}

    private final Map<String, Seen> byThread = new HashMap<>();

    void look(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            threads.forEach(this::lookAt);
        } catch (IOException | UncheckedIOException e) {
            // It has ended; what was seen before stays.
            return;
        }
    }

    private void lookAt(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"), StandardCharsets.UTF_8);
            byThread.put(String.valueOf(thread.getFileName()), parse(stat));
        } catch (IOException e) {
            // This thread has ended; what was seen before stays.
            return;
        }
    }

    private static Seen parse(String stat) {
        int close = stat.lastIndexOf(')');
        String[] fields = stat.substring(close + 2).split(" ");
        long ticks = Long.parseLong(fields[USER_FIELD]) + Long.parseLong(fields[USER_FIELD + 1]);
        return new Seen(stat.substring(stat.indexOf('(') + 1, close), ticks / TICKS_PER_SECOND);
    }

    /** By name, numbers at the end taken off. */
    Map<String, Double> byName() {
        Map<String, Double> sum = new TreeMap<>();
        byThread.values()
                .forEach(one -> sum.merge(one.name().replaceAll("[-#0-9 ]+$", ""), one.cpuSeconds(), Double::sum));
        return sum;
    }
}
