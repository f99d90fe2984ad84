package dev.hindsight.server.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service's state directory: one file for each job, replaced whole. Only one service may use it; it can be deleted
 * while none runs, and costs nothing but the jobs' history, since what was done is in the repository. Thread-safe.
 */
final class JobFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobFiles.class);
    private static final String SUFFIX = ".json";
    private static final long LARGEST = 8L << 20;

    private final Path directory;
    private final FileChannel lock;
    private final ObjectMapper mapper = new ObjectMapper();

    private JobFiles(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * @throws BusyException another service uses the directory
     * @throws NotAppliedException it cannot be used
     */
    static JobFiles open(Path state) {
        Path jobs = state.resolve("jobs");
        try {
            Files.createDirectories(jobs);
            FileChannel channel =
                    FileChannel.open(state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                channel.close();
                throw new BusyException(
                        "another service uses the state directory " + state,
                        "stop it, or give this one a 'serve.state' of its own");
            }
            return new JobFiles(jobs, channel);
        } catch (IOException e) {
            throw new NotAppliedException(
                    "the state directory " + state + " cannot be used: " + e,
                    "set 'serve.state' to a directory that this user can write",
                    e);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            @Nullable FileLock taken = channel.tryLock();
            return taken != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** All that can be read; what cannot is left where it is and told. */
    List<Job> load() {
        List<Job> out = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(SUFFIX)).toList()) {
                try {
                    if (Files.size(file) > LARGEST) {
                        throw new IOException("too large");
                    }
                    out.add(Job.fromJson(mapper.readTree(Files.readAllBytes(file))));
                } catch (IOException | RuntimeException e) {
                    LOG.warn(
                            "job file left out file={} cause={}",
                            file,
                            e.getClass().getSimpleName());
                }
            }
        } catch (IOException e) {
            throw new NotAppliedException(
                    "the state directory " + directory + " cannot be read: " + e, "look at the disk", e);
        }
        return out;
    }

    /** A disk that is full must not end a job: then only its history suffers. */
    void save(Job job) {
        Path file = directory.resolve(job.id() + SUFFIX);
        Path part = directory.resolve(job.id() + ".part");
        try {
            write(part, mapper.writeValueAsBytes(job.toJson()));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("job not remembered job={} state={} cause={}", job.id(), job.state(), e.toString());
        }
    }

    /** On the disk before it takes the old one's place, so that a crash leaves one of the two whole. */
    private static void write(Path part, byte[] bytes) throws IOException {
        try (FileChannel out = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
    }

    void forget(Job job) {
        try {
            Files.deleteIfExists(directory.resolve(job.id() + SUFFIX));
        } catch (IOException e) {
            LOG.warn("job not forgotten job={} cause={}", job.id(), e.toString());
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("state directory not released cause={}", e.toString());
        }
    }
}
