package dev.hindsight.agent.settings;

import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Set;

/**
 * Where a secret is, never the secret itself: safe to print. {@link #resolve} reads it at the moment of use, so that a
 * token file can be replaced without touching the configuration.
 */
public sealed interface SecretRef {
    /** Longest secret file that is read; tokens and passwords are far below. */
    long MAX_BYTES = 64 * 1024;

    /**
     * @param environment normally {@code System.getenv()}
     * @throws UsageException when the variable or file is missing, unreadable or empty, or the file is open to everybody
     */
    String resolve(Map<String, String> environment);

    /** @param origin {@code file:line} of the configuration, for messages */
    record FromEnvironment(String variable, String origin) implements SecretRef {
        @Override
        public String resolve(Map<String, String> environment) {
            String value = environment.get(variable);
            if (value == null || value.isEmpty()) {
                throw new UsageException(
                        origin + ": environment variable " + variable + " is " + (value == null ? "not set" : "empty"),
                        "export " + variable + " before the start, or use {file: PATH}");
            }
            return value;
        }

        @Override
        public String toString() {
            return "{env: " + variable + "}";
        }
    }

    /** @param origin {@code file:line} of the configuration, for messages */
    record FromFile(Path file, String origin) implements SecretRef {
        @Override
        public String resolve(Map<String, String> environment) {
            String value;
            try {
                long size = Files.size(file);
                if (size > MAX_BYTES) {
                    throw new UsageException(
                            origin + ": secret file " + file + " has " + size + " bytes, more than " + MAX_BYTES,
                            "point to a file that holds the secret alone");
                }
                refuseOpenToEverybody();
                value = Files.readString(file, StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                throw new UsageException(
                        origin + ": secret file " + file + " cannot be read: "
                                + e.getClass().getSimpleName(),
                        "create it with the secret as its only line, readable for this user (chmod 600)",
                        e);
            }
            if (value.isEmpty()) {
                throw new UsageException(
                        origin + ": secret file " + file + " is empty", "write the secret as its only line");
            }
            return value;
        }

        private void refuseOpenToEverybody() throws IOException {
            Set<PosixFilePermission> permissions;
            try {
                permissions = Files.getPosixFilePermissions(file);
            } catch (UnsupportedOperationException e) {
                // A file system without such permissions says nothing.
                return;
            }
            if (permissions.contains(PosixFilePermission.OTHERS_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new UsageException(
                        origin + ": secret file " + file + " is open to everybody", "chmod 600 " + file);
            }
        }

        @Override
        public String toString() {
            return "{file: " + file + "}";
        }
    }
}
