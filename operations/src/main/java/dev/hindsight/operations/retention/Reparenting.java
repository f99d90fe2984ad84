package dev.hindsight.operations.retention;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.CatalogueEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Gives backups that build on one that was rebased to its rebase, by catalogue entries: no object is edited. Done at the
 * end of every rebase, and again before every expiry, for rebases that died in between and for backups that were begun
 * before and published after.
 */
public final class Reparenting {
    /** The backup was given to another one in the meantime. */
    private static final class Moved extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Moved() {
            super("moved", null, false, false);
        }
    }

    private Reparenting() {}

    /**
     * @param source only children of this backup; empty for all
     * @return ids of the backups that got another parent
     */
    public static List<String> finish(Repository repository, Supplier<Author> author, Optional<String> source) {
        List<String> out = new ArrayList<>();
        for (Gift gift : gifts(repository.catalogue().view(), new Backups(repository), source)) {
            if (give(repository, author, gift.child(), gift.rebase())) {
                out.add(gift.child().id());
            }
        }
        return out;
    }

    /** The catalogue as {@link #finish} would leave it; nothing is appended. */
    static CatalogueView imagined(CatalogueView view, Backups backups) {
        List<CatalogueEntry> entries = new ArrayList<>(view.entries());
        long number = LongStream.concat(
                        entries.stream().mapToLong(CatalogueEntry::number),
                        view.unreadable().stream().mapToLong(Long::longValue))
                .max()
                .orElse(0);
        Author nobody = new Author(0, "", Instant.EPOCH);
        for (Gift gift : gifts(view, backups, Optional.empty())) {
            number++;
            Change change = new Change.Reparent(gift.child().id(), gift.rebase());
            entries.add(change.asEntry(nobody, number, "", Optional.empty()));
        }
        return new CatalogueView(entries, view.problems(), number);
    }

    private record Gift(PublishedBackup child, String rebase) {}

    private static List<Gift> gifts(CatalogueView view, Backups backups, Optional<String> source) {
        List<Gift> out = new ArrayList<>();
        Map<String, String> rebases = new HashMap<>();
        for (PublishedBackup one : view.backups()) {
            one.rebaseOf()
                    .filter(of -> source.isEmpty() || source.get().equals(of))
                    .ifPresent(of -> rebases.put(of, one.id()));
        }
        if (rebases.isEmpty()) {
            return out;
        }
        for (Backups.Read child : backups.live(view)) {
            Optional<String> parent = child.summary().flatMap(BackupSummary::parent);
            String rebase = parent.map(rebases::get).orElse("");
            if (!rebase.isEmpty() && !rebase.equals(child.published().id())) {
                out.add(new Gift(child.published(), rebase));
            }
        }
        return out;
    }

    /** Live backups that build on {@code source} now, and are not its rebases. */
    public static List<String> childrenOf(Repository repository, CatalogueView view, String source) {
        return new Backups(repository)
                .live(view).stream()
                        .filter(one ->
                                one.summary().flatMap(BackupSummary::parent).equals(Optional.of(source)))
                        .map(one -> one.published().id())
                        .toList();
    }

    private static boolean give(Repository repository, Supplier<Author> author, PublishedBackup child, String rebase) {
        Failpoints.hit(Failpoint.REPARENT_BEFORE);
        try {
            repository.catalogue().append(new Change.Reparent(child.id(), rebase), author.get(), before -> {
                boolean still = before.find(child.id())
                        .map(now -> now.parent().equals(child.parent()))
                        .orElse(false);
                if (!still || before.find(rebase).isEmpty()) {
                    throw new Moved();
                }
            });
            return true;
        } catch (Moved e) {
            return false;
        }
    }
}
