package dev.hindsight.agent.receive;

import dev.hindsight.agent.api.Sha256;
import dev.hindsight.agent.stream.Throttle;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.UsageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Writes a body of announced length into a new file, within the rate limit, and syncs it. Safe for several threads. */
final class PartFile {
    private static final int BUFFER = 256 * 1024;
    private static final long SPACE_CHECK_BYTES = 64L << 20;

    /** Throws when what is still to come has no room. */
    interface SpaceCheck {
        void require(long bytesToCome) throws IOException;
    }

    private final Throttle throttle;

    PartFile(Throttle throttle) {
        this.throttle = throttle;
    }

    /** @return the SHA-256 of what came, in hex */
    String write(Path part, String file, long sizeBytes, InputStream body, SpaceCheck space) throws IOException {
        MessageDigest digest = Sha256.start();
        byte[] buffer = new byte[Math.min(BUFFER, throttle.pieceBytes())];
        long received = 0;
        long checked = 0;
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int n = read(body, buffer, file, received); n >= 0; n = read(body, buffer, file, received)) {
                received += n;
                if (received > sizeBytes) {
                    throw new UsageException(
                            file + " is longer than the " + sizeBytes + " bytes announced",
                            "send the file's real length");
                }
                throttle.take(n);
                digest.update(buffer, 0, n);
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                if (received - checked > SPACE_CHECK_BYTES) {
                    checked = received;
                    out.force(false);
                    space.require(sizeBytes - received);
                }
            }
            if (received < sizeBytes) {
                throw new NotAppliedException(
                        file + " ended after " + received + " of " + sizeBytes + " bytes", "send it again");
            }
            out.force(true);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static int read(InputStream body, byte[] buffer, String file, long received) {
        try {
            return body.read(buffer);
        } catch (EOFException e) {
            return -1;
        } catch (IOException e) {
            throw new NotAppliedException(
                    "the connection broke after " + received + " bytes of " + file, "send it again", e);
        }
    }
}
