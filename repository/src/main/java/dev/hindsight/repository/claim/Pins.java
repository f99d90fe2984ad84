package dev.hindsight.repository.claim;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Backups that a run reads with everything that they build on, as the catalogue had it. They must be pinned together: a
 * backup that is given another parent while it is being read no longer keeps the one that the reader has in hand.
 */
final class Pins {
    private static final Logger LOG = LoggerFactory.getLogger(Pins.class);

    private final List<String> heads;
    /** Each backup, and the parent that its manifest names. */
    private final Map<String, Optional<String>> ofManifest = new LinkedHashMap<>();

    private Pins(List<String> heads) {
        this.heads = heads;
    }

    static Pins of(Repository repository, CatalogueView view, List<String> heads) {
        Pins pins = new Pins(heads);
        for (String head : heads) {
            Optional<String> next = Optional.of(head);
            while (next.isPresent() && !pins.ofManifest.containsKey(next.get())) {
                Optional<PublishedBackup> backup = view.findAlsoExpired(next.get());
                Optional<String> parent = backup.flatMap(one -> parentInManifest(repository, one));
                pins.ofManifest.put(next.get(), parent);
                next = backup.flatMap(one -> one.parentOr(parent));
            }
        }
        return pins;
    }

    /** A backup whose manifest is damaged has nothing below it that anybody could read. */
    private static Optional<String> parentInManifest(Repository repository, PublishedBackup backup) {
        try {
            return repository.load(backup.manifest(), BackupManifest.class).parent();
        } catch (CorruptException e) {
            LOG.warn("manifest is damaged backup={} problem={}", backup.id(), e.getMessage());
            return Optional.empty();
        }
    }

    List<String> ids() {
        return new ArrayList<>(ofManifest.keySet());
    }

    /**
     * Whether these are still all that the heads build on.
     *
     * @throws NotFoundException a head cannot be seen any more
     */
    boolean fit(CatalogueView before) {
        for (String head : heads) {
            if (before.find(head).isEmpty()) {
                throw new NotFoundException(
                        "backup " + head
                                + before.expiryOf(head)
                                        .map(expiry -> " was expired by catalogue entry " + expiry.number())
                                        .orElse(" is not there"),
                        "run 'hindsight list'");
            }
        }
        return ofManifest.entrySet().stream()
                .allMatch(one -> before.findAlsoExpired(one.getKey())
                        .flatMap(backup -> backup.parentOr(one.getValue()))
                        .map(ofManifest::containsKey)
                        .orElse(true));
    }
}
