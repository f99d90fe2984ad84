package dev.hindsight.operations.retention;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells garbage from what is reached, by the catalogue as it was at one moment. A listing only proposes: what is not
 * listed is not deleted, and nothing is taken for unreachable because something is not listed.
 *
 * <p>Of a backup that can be seen, or that one builds on, or that a run has pinned, everything stays but attempts that
 * lost. Of any other run everything goes once the run is over. What has no key of ours stays. One thread.
 */
final class Garbage {
    /** @param order what goes first: data, then what names it, then the plan, by which a run is known to have been */
    record Candidate(String key, String run, Why why, int order) {}

    enum Why {
        EXPIRED("expired"),
        NEVER_PUBLISHED("ended without being published"),
        LOST_ATTEMPT("stored by an attempt whose result was not used"),
        RESTORE("steps of a restore or an export that is done"),
        HEARTBEAT("signs of life of a run that is over"),
        PROBE("left by a try of the store"),
        JOURNAL("no longer in the journal: merged, or before what any backup needs"),
        CAPTURE("sealed by every protected table");

        private final String text;

        Why(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    private static final Pattern OF_RUN = Pattern.compile("backups/([A-Za-z0-9][A-Za-z0-9-]{0,63})/(.+)");
    private static final Pattern DATA =
            Pattern.compile("data/[^/]+/[^/]+/([A-Za-z0-9][A-Za-z0-9-]{0,63})/([0-9]{6,9})-([A-Za-z0-9]{1,40})/[^/]+");
    private static final Pattern RESTORE = Pattern.compile("restores/([A-Za-z0-9][A-Za-z0-9-]{0,63})/(.+)");
    private static final Pattern BEAT = Pattern.compile("runs/([0-9]{16})/beat-[0-9]{6,18}\\.json");

    private final Repository repository;
    private final CatalogueView view;
    private final Restores restores;
    private final RunStates states;
    private final Map<String, BackupSummary> marked;
    private final Map<String, BitSet> shardsInUse = new HashMap<>();
    /** Built on or in use, but not in the catalogue. */
    private final Set<String> unknown = new HashSet<>();

    private final Set<String> problems = new LinkedHashSet<>();

    /**
     * @throws CorruptException the catalogue is not whole, or a manifest that says what is reached cannot be read
     */
    Garbage(Repository repository, CatalogueView view, Backups backups, Restores restores, Instant now) {
        this.repository = repository;
        this.view = view.requireWhole();
        this.restores = restores;
        this.states = new RunStates(view, now);
        Set<String> roots = new LinkedHashSet<>();
        view.backups().forEach(backup -> roots.add(backup.id()));
        for (StandingClaim claim : view.claims()) {
            roots.addAll(claim.claim().pins());
        }
        this.marked = backups.closure(view, roots, unknown);
        marked.values()
                .forEach(backup -> backup.shards()
                        .forEach((run, numbers) -> shardsInUse
                                .computeIfAbsent(run, key -> new BitSet())
                                .or(numbers)));
    }

    Set<String> problems() {
        return problems;
    }

    /** @param keys as listed */
    List<Candidate> of(List<String> keys) {
        List<Candidate> out = new ArrayList<>();
        Map<Keys.ShardKey, Map<String, List<String>>> attempts =
                new TreeMap<>(Comparator.comparing(Keys.ShardKey::backup).thenComparing(Keys.ShardKey::number));
        for (String key : keys) {
            Matcher data = DATA.matcher(key);
            if (data.matches()) {
                Keys.ShardKey shard = new Keys.ShardKey(data.group(1), Integer.parseInt(data.group(2)));
                if (isInUse(shard)) {
                    attempts.computeIfAbsent(shard, any -> new TreeMap<>())
                            .computeIfAbsent(key.substring(0, key.lastIndexOf('/') + 1), any -> new ArrayList<>())
                            .add(key);
                } else {
                    ofRun(key, shard.backup(), 0).ifPresent(out::add);
                }
            } else {
                judge(key).ifPresent(out::add);
            }
        }
        attempts.forEach((shard, byAttempt) -> out.addAll(lost(shard, byAttempt)));
        return out;
    }

    private Optional<Candidate> judge(String key) {
        Matcher ofRun = OF_RUN.matcher(key);
        if (ofRun.matches()) {
            String run = ofRun.group(1);
            Optional<Keys.ShardKey> shard = Keys.shardOfManifest(key);
            if (shard.isPresent()) {
                return isInUse(shard.get()) ? Optional.empty() : ofRun(key, run, 1);
            }
            return marked.containsKey(run) ? Optional.empty() : ofRun(key, run, order(ofRun.group(2)));
        }
        Matcher restore = RESTORE.matcher(key);
        if (restore.matches()) {
            String run = restore.group(1);
            boolean over = states.of(run) != RunStates.State.ALIVE && restores.isGarbage(run, restore.group(2));
            return over ? Optional.of(new Candidate(key, run, Why.RESTORE, order(restore.group(2)))) : Optional.empty();
        }
        Matcher beat = BEAT.matcher(key);
        if (beat.matches()) {
            long claim = Long.parseLong(beat.group(1));
            return states.mayStand(claim)
                    ? Optional.empty()
                    : Optional.of(new Candidate(key, "claim " + claim, Why.HEARTBEAT, 0));
        }
        return key.startsWith("probe/") ? Optional.of(new Candidate(key, "probe", Why.PROBE, 0)) : Optional.empty();
    }

    private static int order(String name) {
        return name.equals("plan.json") ? 3 : name.equals("manifest.json") ? 2 : 1;
    }

    private boolean isInUse(Keys.ShardKey shard) {
        BitSet numbers = shardsInUse.get(shard.backup());
        return numbers != null && numbers.get(shard.number());
    }

    /** An object that nothing reaches: garbage when its run is over. */
    private Optional<Candidate> ofRun(String key, String run, int order) {
        boolean expired = view.expiryOf(run).isPresent();
        if (unknown.contains(run)) {
            return Optional.empty();
        }
        if (expired ? states.of(run) == RunStates.State.ALIVE : !states.isOver(run)) {
            return Optional.empty();
        }
        Why why = marked.containsKey(run) ? Why.LOST_ATTEMPT : expired ? Why.EXPIRED : Why.NEVER_PUBLISHED;
        return Optional.of(new Candidate(key, run, why, order));
    }

    /** Of several attempts at a shard, all but the one that its manifest names. */
    private List<Candidate> lost(Keys.ShardKey shard, Map<String, List<String>> byAttempt) {
        if (byAttempt.size() < 2) {
            return List.of();
        }
        List<Candidate> out = new ArrayList<>();
        Optional<Set<String>> named = namedBy(shard);
        if (named.isEmpty()) {
            return List.of();
        }
        byAttempt.forEach((prefix, keys) -> {
            if (keys.stream().noneMatch(named.get()::contains)) {
                keys.forEach(key -> ofRun(key, shard.backup(), 0)
                        .map(one -> new Candidate(one.key(), one.run(), Why.LOST_ATTEMPT, 0))
                        .ifPresent(out::add));
            }
        });
        return out;
    }

    /** Objects of a shard; empty when its manifest cannot be read, so that all attempts must stay. */
    private Optional<Set<String>> namedBy(Keys.ShardKey shard) {
        String key = Keys.shardManifest(shard.backup(), shard.number());
        try {
            Optional<ShardManifest> manifest =
                    repository.find(key, ShardManifest.class).map(Repository.Found::document);
            if (manifest.isEmpty()) {
                problems.add("object " + key + " is missing; all that was stored for it stays");
                return Optional.empty();
            }
            if (!manifest.get().backup().equals(shard.backup())
                    || manifest.get().number() != shard.number()) {
                problems.add("object " + key + " says that it is of shard "
                        + manifest.get().number() + " of backup "
                        + manifest.get().backup()
                        + "; all that was stored for that shard stays");
                return Optional.empty();
            }
            Set<String> out = new HashSet<>();
            manifest.get()
                    .sstables()
                    .forEach(sstable ->
                            sstable.components().stream().map(ObjectRef::key).forEach(out::add));
            manifest.get()
                    .layer()
                    .flatMap(ShardManifest.Layer::fingerprints)
                    .map(ObjectRef::key)
                    .ifPresent(out::add);
            return Optional.of(out);
        } catch (CorruptException e) {
            problems.add(e.getMessage() + "; all that was stored for that shard stays");
            return Optional.empty();
        }
    }
}
