package dev.hindsight.repository.document;

import java.time.Instant;

/** {@code repository.json}: made once by {@code init}. */
public record RepositoryInfo(int format, String id, Instant createdAt, String createdBy) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;
}
