package dev.hindsight.repository.digest;

import dev.hindsight.model.failure.CorruptException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The digest of the repository, {@code sha256:<64 lower-case hex digits>}: what {@code sha256sum} prints, named. */
public final class Digests {
    /** In front of the hex digits. Another algorithm joins under another name; see FORMAT.md, Digests. */
    public static final String PREFIX = "sha256:";

    /** Characters of a whole digest text. */
    public static final int TEXT_LENGTH = PREFIX.length() + 64;

    static final int BUFFER_BYTES = 128 * 1024;

    private static final Pattern TEXT = Pattern.compile("sha256:[0-9a-f]{64}");

    private Digests() {}

    public static String of(byte[] bytes) {
        return text(newDigest().digest(bytes));
    }

    /** The digest of {@code length} bytes from {@code offset} on. */
    public static String of(byte[] bytes, int offset, int length) {
        MessageDigest digest = newDigest();
        digest.update(bytes, offset, length);
        return text(digest.digest());
    }

    public static String of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return of(in);
        }
    }

    /** Of everything that is left in {@code in}, which stays open. */
    public static String of(InputStream in) throws IOException {
        DigestingInputStream digesting = new DigestingInputStream(in);
        digesting.transferTo(OutputStream.nullOutputStream());
        return digesting.digest();
    }

    /** Whether this is a digest that this version can check. */
    public static boolean isWellFormed(String text) {
        return TEXT.matcher(text).matches();
    }

    /** @throws CorruptException naming {@code object} when the text is no digest that can be checked */
    public static String requireWellFormed(String text, String object) {
        if (!isWellFormed(text)) {
            throw new CorruptException(
                    "object " + object + ": '" + text + "' is not of the form sha256:<64 hex digits>",
                    "run 'hindsight verify' to see what else is damaged");
        }
        return text;
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String text(byte[] raw) {
        return PREFIX + HexFormat.of().formatHex(raw);
    }
}
