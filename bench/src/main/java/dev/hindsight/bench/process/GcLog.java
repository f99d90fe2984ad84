package dev.hindsight.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM's own log says of its heap, as {@link #flag} makes it write one with the serial collector.
 *
 * @param peakBytes the most that was in use at the start of a collection or at the end, garbage included
 * @param peakLiveBytes the most that a collection left behind; 0 without a collection
 * @param pauseSeconds of all collections together
 */
public record GcLog(long peakBytes, long peakLiveBytes, int collections, double pauseSeconds) {
    /** {@code [2.1s][info][gc] GC(3) Pause Young (Allocation Failure) 139M->3M(494M) 2.345ms} */
    private static final Pattern PAUSE =
            Pattern.compile("Pause .*? (\\d+)([KMG])->(\\d+)([KMG])\\(\\d+[KMG]\\) ([0-9.]+)ms");

    /** {@code [9.9s][info][gc,heap,exit]  def new generation   total 157248K, used 92304K [0x...} */
    private static final Pattern AT_EXIT = Pattern.compile("generation\\s+total \\d+K, used (\\d+)K");

    /** @param file may hold {@code %p} for the process id, as a plain number; relative to the JVM's working directory */
    public static String flag(String file) {
        return "-Xlog:gc,gc+heap+exit:file=" + file + ":uptime,level,tags:filecount=0";
    }

    public static GcLog read(Path file) {
        try {
            return parse(Files.readAllLines(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("log of the collector " + file, e);
        }
    }

    static GcLog parse(List<String> lines) {
        long peak = 0;
        long live = 0;
        long atExit = 0;
        int collections = 0;
        double pauseMillis = 0;
        for (String line : lines) {
            Matcher pause = PAUSE.matcher(line);
            Matcher exit = AT_EXIT.matcher(line);
            if (pause.find()) {
                collections++;
                peak = Math.max(peak, bytes(pause.group(1), pause.group(2)));
                live = Math.max(live, bytes(pause.group(3), pause.group(4)));
                pauseMillis += Double.parseDouble(pause.group(5));
            } else if (exit.find()) {
                atExit += bytes(exit.group(1), "K");
            }
        }
        return new GcLog(Math.max(peak, atExit), live, collections, pauseMillis / 1000);
    }

    private static long bytes(String number, String unit) {
        int shift = unit.equals("K") ? 10 : unit.equals("M") ? 20 : 30;
        return Long.parseLong(number) << shift;
    }
}
