package dev.hindsight.repository.catalogue;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.repository.document.CatalogueEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What a reading of the catalogue found, good and bad, and what it means. Depends on the entries that could be read and on
 * nothing else. Immutable; any thread.
 *
 * <p>Where {@link #problems} is not empty, what is said here may be wrong in one direction only: an unreadable entry may
 * have ended a claim, or expired or released a backup, that is still shown. Whoever deletes or expires must {@link
 * #requireWhole}: the unreadable entry may also be a claim, a hold or a backup of its own.
 */
public final class CatalogueView {
    private final List<CatalogueEntry> entries;
    private final List<String> problems;
    private final long last;
    private final EntryLog log;

    /**
     * @param entries the undamaged ones, by number
     * @param problems one sentence each: what is broken or missing, and what it hurts
     * @param last the highest number there is
     */
    public CatalogueView(List<CatalogueEntry> entries, List<String> problems, long last) {
        this.entries = List.copyOf(entries);
        this.problems = List.copyOf(problems);
        this.last = last;
        this.log = new EntryLog(this.entries);
    }

    /** The undamaged entries, by number; void ones as well. */
    public List<CatalogueEntry> entries() {
        return entries;
    }

    /** One sentence each: what is broken or missing, and what it hurts. */
    public List<String> problems() {
        return problems;
    }

    /**
     * All that can be seen: published and not expired. In the order in which they were published, oldest first; a
     * rebase stands right behind the backup whose records it holds. The last one holds the newest records.
     */
    public List<PublishedBackup> backups() {
        return log.backups();
    }

    /** One that can be seen. */
    public Optional<PublishedBackup> find(String backup) {
        return backups().stream().filter(one -> one.id().equals(backup)).findFirst();
    }

    /**
     * One that was published, whether it can be seen or has expired: what an expired backup holds stays as long as one
     * that builds on it can be seen.
     */
    public Optional<PublishedBackup> findAlsoExpired(String backup) {
        return log.published(backup);
    }

    /**
     * Id that all backups with the same records have in common: of what the first of them was rebased from, whether it can be
     * seen or has expired.
     */
    public String rootOf(String backup) {
        Set<String> seen = new HashSet<>();
        String root = backup;
        Optional<String> next = findAlsoExpired(root).flatMap(PublishedBackup::rebaseOf);
        while (next.isPresent() && seen.add(root)) {
            root = next.get();
            next = findAlsoExpired(root).flatMap(PublishedBackup::rebaseOf);
        }
        return root;
    }

    /** The last of {@link #backups}. */
    public Optional<PublishedBackup> newest() {
        List<PublishedBackup> all = backups();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** Ids that were expired; expiry is for ever. */
    public Set<String> expired() {
        return Set.copyOf(log.expired());
    }

    /** The entry that expired a backup. */
    public Optional<CatalogueEntry> expiryOf(String backup) {
        return log.expiryOf(backup);
    }

    public boolean isHeld(String backup) {
        return log.isHeld(backup);
    }

    /** The {@code PROTECT} entries that hold, the oldest first: at most one for each cluster and name of a table. */
    public List<CatalogueEntry> protections() {
        return log.protections();
    }

    /** All claims that are neither ended nor replaced, by number. */
    public List<StandingClaim> claims() {
        return log.claims();
    }

    public Optional<StandingClaim> claimOf(String scope) {
        return log.claimOf(scope);
    }

    /** Whether {@code number} is a claim that is neither ended nor replaced. */
    public boolean stands(long number) {
        return log.stands(number);
    }

    /**
     * Of one that cannot be read nothing is said.
     *
     * @throws dev.hindsight.model.failure.ReplacedException the claim was replaced or ended
     */
    public void requireStanding(long claim) {
        if (isReadable(claim)) {
            Rules.requireStanding(claim, this);
        }
    }

    /** The entry that ended a claim or replaced it; empty for one that stands, is unreadable, or is none. */
    public Optional<CatalogueEntry> endOf(long claim) {
        return log.endOf(claim);
    }

    /** Whether the entry is there but does not count: its claim was over, or what it says was impossible there. */
    public boolean isVoid(long number) {
        return log.isVoid(number);
    }

    /** Whether the entry could be read. */
    public boolean isReadable(long number) {
        return log.isReadable(number);
    }

    /** Numbers of the entries that could not be read. */
    public List<Long> unreadable() {
        return LongStream.rangeClosed(1, last)
                .filter(number -> !log.isReadable(number))
                .boxed()
                .toList();
    }

    /**
     * What is done to a table is named by the table alone, so one cluster at a time has the name.
     *
     * @throws PreconditionFailedException the table's name is protected for another cluster
     */
    public void requireNoOtherCluster(CatalogueEntry.Protection wanted) {
        protections().stream()
                .flatMap(entry -> entry.protection().stream())
                .filter(one ->
                        one.table().equals(wanted.table()) && !one.cluster().equals(wanted.cluster()))
                .findFirst()
                .ifPresent(other -> {
                    throw new PreconditionFailedException(
                            "table " + wanted.table() + " is protected for cluster '" + other.cluster()
                                    + "' in this repository, and cannot be for cluster '" + wanted.cluster() + "' too",
                            "give each cluster a repository of its own, or run 'hindsight unprotect " + wanted.table()
                                    + "' with the configuration of cluster '" + other.cluster() + "' first");
                });
    }

    /** @throws CorruptException when anything at all is broken */
    public CatalogueView requireWhole() {
        if (!problems.isEmpty()) {
            throw new CorruptException(
                    String.join("; ", problems),
                    "put the right bytes back from a copy of the repository; backups with whole entries can still be "
                            + "verified and restored by their id");
        }
        return this;
    }
}
