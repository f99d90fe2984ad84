package dev.hindsight.repository.claim;

import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.CatalogueEntry.Claim;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The real one. A process is known to be dead only where ids of processes mean the same: after the same boot of one
 * kernel, in the same space of process ids (containers have their own). Elsewhere, and where an id was given away anew,
 * nothing is certain.
 */
final class ThisMachine implements Machine {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path PROCESS_IDS = Path.of("/proc/self/ns/pid");

    /** After what it is made of. */
    static final ThisMachine INSTANCE = new ThisMachine();

    private final Set<String> writers = ConcurrentHashMap.newKeySet();
    private final String host = hostName();
    private final String boot = bootId();
    private final ProcessTable processes = new ProcessTable(Path.of("/proc"));
    private final long processId = ProcessHandle.current().pid();
    private final long processStart = startOf(ProcessHandle.current());

    private ThisMachine() {}

    @Override
    public String host() {
        return host;
    }

    @Override
    public String boot() {
        return boot;
    }

    @Override
    public long processId() {
        return processId;
    }

    @Override
    public long processStart() {
        return processStart;
    }

    @Override
    public void begin(String writer) {
        writers.add(writer);
    }

    @Override
    public void finish(String writer) {
        writers.remove(writer);
    }

    @Override
    public boolean isGone(CatalogueEntry entry) {
        Optional<Claim> claim =
                entry.claim().filter(one -> !boot.isEmpty() && one.boot().equals(boot));
        if (claim.isEmpty()) {
            return false;
        }
        if (claim.get().processId() == processId) {
            return !writers.contains(entry.writer());
        }
        return ProcessHandle.of(claim.get().processId())
                .map(process -> !process.isAlive())
                .orElseGet(() -> processes.wouldShow(claim.get().processId()));
    }

    private static long startOf(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(instant -> instant.toEpochMilli())
                .orElse(0L);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown-host";
        }
    }

    private static String bootId() {
        try {
            String kernel = Files.readString(BOOT_ID, StandardCharsets.US_ASCII).trim();
            String processIds =
                    String.valueOf(Files.readSymbolicLink(PROCESS_IDS).getFileName());
            return kernel + "/" + processIds.replaceAll("[^0-9]", "");
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            return "";
        }
    }
}
