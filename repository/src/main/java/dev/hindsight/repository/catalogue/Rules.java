package dev.hindsight.repository.catalogue;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.CatalogueEntry.Action;
import java.util.Optional;
import java.util.function.Predicate;

/** What may be appended after what. Decides by a view alone; no state. */
final class Rules {
    private Rules() {}

    /** The entry that says the same already. */
    static Optional<CatalogueEntry> done(Change change, CatalogueView view) {
        if (change instanceof Change.Publish publish) {
            return last(
                            view,
                            entry -> entry.action() == Action.PUBLISH
                                    && entry.backup().equals(publish.backup())
                                    && entry.manifest().equals(Optional.of(publish.manifest())))
                    .filter(entry -> view.expiryOf(publish.backup()).isEmpty());
        } else if (change instanceof Change.Reparent reparent) {
            return last(
                            view,
                            entry -> entry.action() == Action.REPARENT
                                    && entry.backup().equals(reparent.backup()))
                    .filter(entry -> entry.parent().equals(Optional.of(reparent.parent())));
        } else if (change instanceof Change.Hold || change instanceof Change.Release) {
            Action wanted = change instanceof Change.Hold ? Action.HOLD : Action.RELEASE;
            return last(
                            view,
                            entry -> (entry.action() == Action.HOLD || entry.action() == Action.RELEASE)
                                    && entry.backup().equals(change.about()))
                    .filter(entry -> entry.action() == wanted);
        } else if (change instanceof Change.Expire expire) {
            return view.expiryOf(expire.backup());
        } else if (change instanceof Change.End end) {
            return view.endOf(end.claim());
        } else if (change instanceof Change.Protect protect) {
            return protection(protect.protection(), view);
        }
        return Optional.empty();
    }

    /** @throws dev.hindsight.model.failure.HindsightException the change would not count now, or must not be made */
    static void requirePossible(Change change, Author author, CatalogueView view) {
        if (change.letsGo()) {
            view.requireWhole();
        }
        author.under().filter(view::isReadable).ifPresent(claim -> requireStanding(claim, view));
        if (change instanceof Change.Publish publish) {
            view.expiryOf(publish.backup()).ifPresent(expiry -> {
                throw new PreconditionFailedException(
                        "backup " + publish.backup() + " was expired at " + expiry.at() + " by catalogue entry "
                                + expiry.number(),
                        "make a new backup; what was expired stays so");
            });
        } else if (change instanceof Change.Reparent reparent) {
            requireVisible(reparent.backup(), view);
            requireVisible(reparent.parent(), view);
            if (reparent.backup().equals(reparent.parent())) {
                throw new PreconditionFailedException(
                        "backup " + reparent.backup() + " cannot build on itself", "name another parent");
            }
        } else if (change instanceof Change.Hold || change instanceof Change.Expire) {
            requireVisible(change.about(), view);
            if (change instanceof Change.Expire && view.isHeld(change.about())) {
                throw new PreconditionFailedException(
                        "backup " + change.about() + " is held",
                        "run 'hindsight release " + change.about() + "' first");
            }
        } else if (change instanceof Change.Release && !view.isHeld(change.about())) {
            throw new PreconditionFailedException("backup " + change.about() + " is not held", "run 'hindsight list'");
        } else if (change instanceof Change.Protect protect) {
            view.requireNoOtherCluster(protect.protection());
        } else if (change instanceof Change.Unprotect unprotect
                && protection(unprotect.protection(), view).isEmpty()) {
            throw new PreconditionFailedException(
                    "table " + unprotect.protection().table() + " of cluster '"
                            + unprotect.protection().cluster() + "' is not protected",
                    "run 'hindsight status'");
        }
    }

    private static Optional<CatalogueEntry> protection(CatalogueEntry.Protection wanted, CatalogueView view) {
        return view.protections().stream()
                .filter(entry -> entry.protection().equals(Optional.of(wanted)))
                .findFirst();
    }

    /** @throws ReplacedException {@code claim}, which can be read, is over */
    static void requireStanding(long claim, CatalogueView view) {
        if (view.stands(claim)) {
            return;
        }
        String by = view.endOf(claim)
                .map(end -> end.claim()
                        .map(next -> "replaced by " + new StandingClaim(end).describe())
                        .orElse("declared over by " + end.writer() + " at " + end.at()
                                + end.reason().map(why -> ": " + why).orElse("")))
                .orElse("never there");
        throw new ReplacedException(
                "this run was " + by + " (its claim is catalogue entry " + claim + "); nothing was published",
                "let the other run finish; if it is not what you want, run the command again afterwards");
    }

    /** For an entry that was put: it may have come too late, where its place was not seen before. */
    static void requireCounts(CatalogueEntry entry, CatalogueView view) {
        if (!view.isVoid(entry.number())) {
            return;
        }
        entry.under().filter(view::isReadable).ifPresent(claim -> requireStanding(claim, view));
        throw new PreconditionFailedException(
                "catalogue entry " + entry.number() + " came too late to count", "run the command again");
    }

    /** For messages. */
    static String subject(Change change) {
        if (change instanceof Change.Claim claim) {
            return "the claim of " + claim.claim().scope();
        } else if (change instanceof Change.End end) {
            return "the end of claim " + end.claim();
        } else if (change instanceof Change.Protect protect) {
            return "the protection of " + protect.protection().table();
        } else if (change instanceof Change.Unprotect unprotect) {
            return "the end of the protection of " + unprotect.protection().table();
        }
        return "backup " + change.about();
    }

    private static void requireVisible(String backup, CatalogueView view) {
        if (view.find(backup).isPresent()) {
            return;
        }
        view.expiryOf(backup).ifPresent(expiry -> {
            throw new NotFoundException(
                    "backup " + backup + " was expired at " + expiry.at() + " by catalogue entry " + expiry.number(),
                    "run 'hindsight list'");
        });
        view.requireWhole();
        throw new NotFoundException("there is no backup " + backup, "run 'hindsight list'");
    }

    private static Optional<CatalogueEntry> last(CatalogueView view, Predicate<CatalogueEntry> wanted) {
        return view.entries().stream()
                .filter(wanted)
                .filter(entry -> !view.isVoid(entry.number()))
                .reduce((a, b) -> b);
    }
}
