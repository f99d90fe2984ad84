package dev.hindsight.agent.settings;

import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a secret is, never the secret itself: safe to print. {@link #resolve} reads it at the moment of use, so that a
 * token file can be replaced without touching the configuration.
 */
public sealed interface SecretRef {
    /** Longest secret file that is read; tokens and passwords are far below. */
    long MAX_BYTES = 64 * 1024;

    /**
     * @param environment normally {@code System.getenv()}
     * @throws UsageException when the variable or file is missing, unreadable or empty
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

        @Override
        public String toString() {
            return "{file: " + file + "}";
        }
    }
}
