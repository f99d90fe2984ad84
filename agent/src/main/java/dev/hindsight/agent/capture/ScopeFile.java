package dev.hindsight.agent.capture;

import dev.hindsight.agent.api.AgentJson;
import dev.hindsight.agent.api.CaptureRequest;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Remembers, durably, which keyspaces are wanted. */
final class ScopeFile {
    private final Path file;

    ScopeFile(Path spool) {
        this.file = spool.resolve("keyspaces.json");
    }

    Set<String> read() {
        try {
            return AgentJson.mapper()
                    .readValue(Files.readAllBytes(file), CaptureRequest.class)
                    .keyspaces();
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw failed("read", e);
        }
    }

    void write(Set<String> keyspaces) {
        Path part = file.resolveSibling("keyspaces.part");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (FileChannel channel = FileChannel.open(
                    part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(AgentJson.mapper().writeValueAsBytes(new CaptureRequest(keyspaces)));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failed("written", e);
        }
    }

    private NotAppliedException failed(String what, IOException e) {
        return new NotAppliedException(
                "file " + file + " cannot be " + what + ": " + e.getMessage(),
                "make room and give the agent's user the rights on it",
                e);
    }
}
