package dev.hindsight.bench.process;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How much of some files the page cache of this machine holds. The JDK has no {@code mincore}: {@code fincore} of
 * util-linux counts, and {@code dd} of GNU coreutils empties.
 */
public final class PageCache {
    private static final int BUFFER = 1 << 16;

    private PageCache() {}

    /** @param residentPages as the kernel has them, usually 4 KiB each */
    public record Residency(long residentPages, long residentBytes, long sizeBytes) {}

    /** Empty where this machine has no {@code fincore}. */
    public static Optional<Residency> of(List<Path> files) {
        if (files.isEmpty()) {
            return Optional.of(new Residency(0, 0, 0));
        }
        List<String> command = new ArrayList<>(List.of("fincore", "-b", "-n", "-r", "-o", "PAGES,RES,SIZE"));
        files.forEach(file -> command.add(file.toString()));
        return run(command).map(output -> {
            long pages = 0;
            long resident = 0;
            long size = 0;
            for (String line : output.lines().toList()) {
                long[] numbers = Arrays.stream(line.trim().split("\\s+"))
                        .mapToLong(Long::parseLong)
                        .toArray();
                pages += numbers[0];
                resident += numbers[1];
                size += numbers[2];
            }
            return new Residency(pages, resident, size);
        });
    }

    /** Lets the kernel forget the files; what is dirty is written first. */
    public static void evict(List<Path> files) {
        for (Path file : files) {
            List<String> command =
                    List.of("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none");
            if (run(command).isEmpty()) {
                throw new NotAppliedException("there is no dd on this machine", "install GNU coreutils");
            }
        }
    }

    /** Reads the first part of each file as any program does. */
    public static void warm(List<Path> files, double share) {
        byte[] buffer = new byte[BUFFER];
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                long left = (long) (Files.size(file) * share);
                while (left > 0) {
                    int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                    if (n < 0) {
                        break;
                    }
                    left -= n;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Its output; empty when there is no such program. */
    private static Optional<String> run(List<String> command) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return Optional.empty();
        }
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new NotAppliedException(
                        String.join(" ", command.subList(0, 1)) + " ended with status " + process.exitValue() + ": "
                                + output.strip(),
                        "run it by hand on one of the files");
            }
            return Optional.of(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new NotAppliedException("interrupted while " + command.get(0) + " ran", "run it again", e);
        }
    }
}
