package dev.hindsight.repository.catalogue;

import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.CatalogueEntry.Action;
import dev.hindsight.repository.document.ObjectRef;
import java.util.Optional;

/**
 * What one entry of the catalogue says. Immutable.
 *
 * @see Catalogue#append
 */
public sealed interface Change {
    /**
     * The backup can be seen from here on.
     *
     * @param manifest of the backup; was put before
     * @param rebaseOf for a rebase, the backup whose records it holds: it takes that one's place in the order of backups
     */
    record Publish(String backup, ObjectRef manifest, Optional<String> rebaseOf) implements Change {
        public Publish(String backup, ObjectRef manifest) {
            this(backup, manifest, Optional.empty());
        }
    }

    /** The backup builds on {@code parent} from now on, which holds the same records as its parent did. */
    record Reparent(String backup, String parent) implements Change {}

    /** Never expires, until released. */
    record Hold(String backup, String reason) implements Change {}

    record Release(String backup, String reason) implements Change {}

    /** Not there for readers any more, for ever; what only it reaches is garbage. */
    record Expire(String backup, String reason) implements Change {}

    /**
     * A run begins. Replaces the claim of the same scope, if there is one.
     *
     * @see dev.hindsight.repository.claim.Claims the only one who may append this
     */
    record Claim(CatalogueEntry.Claim claim) implements Change {}

    /** @param claim number of the claim that is over */
    record End(long claim, String reason) implements Change {}

    /** What is written to the table is kept from here on. A table of the same name that was protected before is so no more. */
    record Protect(CatalogueEntry.Protection protection, String reason) implements Change {}

    /** @param protection as it stands */
    record Unprotect(CatalogueEntry.Protection protection, String reason) implements Change {}

    /** The backup it is about; empty text where it is about none. */
    default String about() {
        if (this instanceof Publish change) {
            return change.backup();
        } else if (this instanceof Reparent change) {
            return change.backup();
        } else if (this instanceof Hold change) {
            return change.backup();
        } else if (this instanceof Release change) {
            return change.backup();
        } else if (this instanceof Expire change) {
            return change.backup();
        }
        return "";
    }

    /** Whether it makes something deletable, so that whoever appends it must know everything before it. */
    default boolean letsGo() {
        return this instanceof Expire || this instanceof Release || this instanceof Unprotect;
    }

    /** As it stands in the catalogue. */
    default CatalogueEntry asEntry(Author author, long number, String previous, Optional<String> previousProblem) {
        Optional<ObjectRef> manifest = Optional.empty();
        Optional<String> parent = Optional.empty();
        Optional<String> rebaseOf = Optional.empty();
        Optional<CatalogueEntry.Claim> claimed = Optional.empty();
        Optional<Long> ends = Optional.empty();
        Optional<String> reason = Optional.empty();
        Optional<CatalogueEntry.Protection> protection = Optional.empty();
        Action action;
        if (this instanceof Publish change) {
            action = Action.PUBLISH;
            manifest = Optional.of(change.manifest());
            rebaseOf = change.rebaseOf();
        } else if (this instanceof Reparent change) {
            action = Action.REPARENT;
            parent = Optional.of(change.parent());
        } else if (this instanceof Hold change) {
            action = Action.HOLD;
            reason = Optional.of(change.reason());
        } else if (this instanceof Release change) {
            action = Action.RELEASE;
            reason = Optional.of(change.reason());
        } else if (this instanceof Expire change) {
            action = Action.EXPIRE;
            reason = Optional.of(change.reason());
        } else if (this instanceof Claim change) {
            action = Action.CLAIM;
            claimed = Optional.of(change.claim());
        } else if (this instanceof Protect change) {
            action = Action.PROTECT;
            protection = Optional.of(change.protection());
            reason = Optional.of(change.reason());
        } else if (this instanceof Unprotect change) {
            action = Action.UNPROTECT;
            protection = Optional.of(change.protection());
            reason = Optional.of(change.reason());
        } else {
            End change = (End) this;
            action = Action.END;
            ends = Optional.of(change.claim());
            reason = Optional.of(change.reason());
        }
        return new CatalogueEntry(
                CatalogueEntry.FORMAT,
                number,
                previous,
                previousProblem,
                author.epoch(),
                author.writer(),
                author.at(),
                action,
                about(),
                manifest,
                author.under(),
                parent,
                rebaseOf,
                claimed,
                ends,
                reason.filter(text -> !text.isEmpty()),
                protection);
    }
}
