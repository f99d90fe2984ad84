package dev.hindsight.agent.receive;

import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.WireNames;
import dev.hindsight.agent.receive.StagingRoots.Root;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which imports the node has taken over, so that who lost the answer does not send and import the same SSTables again. A
 * file for each, beside the staged ones of one root, there also after the agent was restarted:
 *
 * <pre>
 *   .finished/&lt;import id&gt;/&lt;keyspace&gt;/&lt;table&gt;-&lt;id&gt;      how many SSTables, in decimal
 * </pre>
 *
 * Forgotten when the import is discarded, as every restore does at its end, or after {@link #KEPT}. An agent that is
 * killed between the node's import and this note does not remember; the SSTables are then imported twice, which costs
 * space until the next compaction and changes no row.
 */
final class FinishedImports {
    static final Duration KEPT = Duration.ofDays(30);
    private static final String DIRECTORY = ".finished";

    private FinishedImports() {}

    static void remember(Root root, ImportTarget target, int sstables) throws IOException {
        Path directory = directory(root, target);
        Path file = directory.resolve(name(target));
        DurableFiles.createDirectories(directory);
        Path part = directory.resolve(name(target) + ".part");
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap((sstables + "\n").getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DurableFiles.syncDirectory(directory);
        expire(root, Files.getLastModifiedTime(file));
    }

    /** How many SSTables the node took over; empty when that is not known to have happened. */
    static OptionalInt find(List<Root> roots, ImportTarget target) throws IOException {
        for (Root root : roots) {
            try {
                String text =
                        Files.readString(directory(root, target).resolve(name(target)), StandardCharsets.US_ASCII);
                if (text.matches("[0-9]{1,9}\n")) {
                    return OptionalInt.of(Integer.parseInt(text.strip()));
                }
            } catch (NoSuchFileException e) {
                continue;
            }
        }
        return OptionalInt.empty();
    }

    static void forget(Root root, String importId) throws IOException {
        DurableFiles.deleteTree(root.root().resolve(DIRECTORY).resolve(importId));
    }

    /** @param now by the clock of the file system, which also gave the notes their age */
    private static void expire(Root root, FileTime now) throws IOException {
        FileTime limit = FileTime.from(now.toInstant().minus(KEPT));
        for (Path one : DurableFiles.directories(root.root().resolve(DIRECTORY))) {
            if (Files.getLastModifiedTime(one).compareTo(limit) < 0) {
                DurableFiles.deleteTree(one);
            }
        }
    }

    private static Path directory(Root root, ImportTarget target) {
        return root.root()
                .resolve(DIRECTORY)
                .resolve(target.importId())
                .resolve(target.table().keyspace());
    }

    private static String name(ImportTarget target) {
        return WireNames.directoryOf(target.table().table(), target.tableId());
    }
}
