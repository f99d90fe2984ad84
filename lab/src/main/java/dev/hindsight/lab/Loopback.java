package dev.hindsight.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Finds addresses of 127/8 and ports that nobody uses at the time of looking. Between looking and using another process
 * may take them, so whoever uses them must notice and come back for others.
 */
public final class Loopback {
    private static final int LOWEST_PORT = 20_000;
    // Linux hands out ephemeral ports from 32768 on.
    private static final int PORTS = 12_000;
    private static final String LISTEN = "0A";

    private final Random random;

    /** @param seed of the choice; take one that other processes on the machine do not take */
    public Loopback(long seed) {
        this.random = new Random(seed);
    }

    /** Consecutive addresses {@code 127.x.y.z}, x 1 to 250, on each of which all {@code ports} are free. */
    List<String> addresses(int count, int... ports) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int x = 1 + random.nextInt(250);
            int y = random.nextInt(256);
            int first = 1 + random.nextInt(250 - count);
            List<String> found = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String address = "127." + x + "." + y + "." + (first + i);
                if (allFree(address, ports)) {
                    found.add(address);
                }
            }
            if (found.size() == count) {
                return found;
            }
        }
        throw new IllegalStateException("no " + count + " free loopback addresses in 1000 attempts");
    }

    /** A free port of an address. */
    public int port(String address) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = LOWEST_PORT + random.nextInt(PORTS);
            if (free(address, port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port on " + address + " in 1000 attempts");
    }

    private static boolean allFree(String address, int... ports) {
        for (int port : ports) {
            if (!free(address, port)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Read from the kernel's table, not tried out: a socket that is bound or opened for a look is met by nodes that
     * connect at that moment, and they back off for many seconds.
     */
    static boolean free(String address, int port) {
        String[] parts = address.split("\\.", -1);
        StringBuilder reversed = new StringBuilder();
        for (int i = 3; i >= 0; i--) {
            reversed.append(String.format(Locale.ROOT, "%02X", Integer.parseInt(parts[i])));
        }
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        return noneListens("/proc/net/tcp", List.of(reversed + suffix, "00000000" + suffix))
                && noneListens(
                        "/proc/net/tcp6",
                        List.of("0000000000000000FFFF0000" + reversed + suffix, "0".repeat(32) + suffix));
    }

    private static boolean noneListens(String table, List<String> endpoints) {
        try {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] columns = line.trim().split(" +", 5);
                if (columns.length > 3 && columns[3].equals(LISTEN) && endpoints.contains(columns[1])) {
                    return false;
                }
            }
            return true;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
