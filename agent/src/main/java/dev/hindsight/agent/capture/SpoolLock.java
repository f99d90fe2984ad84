package dev.hindsight.agent.capture;

import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * That a spool directory is this agent's: two that go on from one state would each make the same numbers of other bytes. The
 * kernel lets go of it when the process ends, however it ends. Safe for several threads.
 */
final class SpoolLock implements AutoCloseable {
    /** Of this process: to close a second channel of a locked file would let go of the first one's lock. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private SpoolLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * @throws BusyException another agent has it
     * @throws NotAppliedException the directory cannot be written
     */
    static SpoolLock take(Path spool) {
        Path file;
        try {
            file = Files.createDirectories(spool).toRealPath().resolve("lock");
        } catch (IOException e) {
            throw unwritable(spool, e);
        }
        if (!HELD.add(file)) {
            throw taken(spool);
        }
        boolean locked = false;
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                locked = channel.tryLock() != null;
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
            if (!locked) {
                throw taken(spool);
            }
            return new SpoolLock(file, channel);
        } catch (IOException e) {
            throw unwritable(spool, e);
        } finally {
            if (!locked) {
                HELD.remove(file);
            }
        }
    }

    private static BusyException taken(Path spool) {
        return new BusyException(
                "capture spool " + spool + " is in use by another agent on this machine",
                "give each agent a spool of its own (capture.spool in agent.yaml), or stop the other one");
    }

    private static NotAppliedException unwritable(Path spool, IOException e) {
        return new NotAppliedException(
                "capture spool " + spool + " cannot be locked: " + e.getMessage(),
                "make room, or give the agent's user the rights on it",
                e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            HELD.remove(file);
        }
    }
}
