package dev.hindsight.trials.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.testkit.fake.DeadRuns;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.living.LivingClock;
import dev.hindsight.testkit.living.LivingCluster;
import dev.hindsight.testkit.store.MemoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** One cluster, one repository, one story of both, step by step, each step checked. One thread. */
final class Play {
    /** One of both. */
    record Step(Optional<Story.Event> event, Optional<Verb> verb, long seed) {
        static Step of(Story.Event event, long seed) {
            return new Step(Optional.of(event), Optional.empty(), seed);
        }

        static Step of(Verb verb, long seed) {
            return new Step(Optional.empty(), Optional.of(verb), seed);
        }

        @Override
        public String toString() {
            return event.map(Enum::name).orElse("") + verb.map(Enum::name).orElse("") + ":" + seed;
        }
    }

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final int NODES = 3;
    private static final int FIRST_WRITES = 60;

    private final Path temp;
    private final MemoryStore repository = new MemoryStore();
    private final LivingClock clock = new LivingClock(START);
    private final LivingCluster living;
    private final Story story;
    private final ChainRig rig;
    private final RestorePoints points;
    private final StringBuilder told;
    private int exports;

    /** @param store what stands between the verbs and the repository */
    Play(Path temp, long seed, UnaryOperator<ObjectStore> store) {
        this.temp = temp;
        this.told = new StringBuilder("seed " + seed);
        this.living = LivingCluster.create("source", temp.resolve("nodes"), NODES, clock);
        this.story = new Story(living, clock);
        Repository.init(repository, clock);
        this.rig = new ChainRig(
                living, clock, store.apply(repository), directory("scratch"), directory("given"), agent -> agent);
        this.points = new RestorePoints(living, clock, directory("copies"));
        story.createTables();
        story.fill(seed, FIRST_WRITES);
    }

    private Path directory(String name) {
        try {
            return Files.createDirectories(temp.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String told() {
        return told.toString();
    }

    void step(Step step) {
        told.append(' ').append(step);
        step.event().ifPresent(event -> story.happen(event, step.seed()));
        step.verb().ifPresent(verb -> {
            SplittableRandom random = new SplittableRandom(step.seed());
            RestorePoints.Moment moment = moment();
            Optional<String> newest = newest(repository);
            assertThat(verb.run(rig, random)).as(told()).isTrue();
            adopt(repository, moment);
            newest.ifPresent(id -> requireHeld(id, told()));
            requireGiven(told());
            requireRight(repository, verb.changesOthers() || random.nextInt(8) == 0, random, told());
        });
    }

    /** What a backup that begins now has to hold. */
    RestorePoints.Moment moment() {
        return points.now(newest(repository));
    }

    /** Backups that nobody knew of hold what the cluster held, or what another one holds. */
    void adopt(MemoryStore store, RestorePoints.Moment moment) {
        adopt(store, manifest -> moment);
    }

    /** @param of what a backup has to hold */
    void adopt(MemoryStore store, Function<BackupManifest, RestorePoints.Moment> of) {
        for (BackupManifest manifest : visible(store)) {
            if (!points.knows(manifest.id())) {
                manifest.rebaseOf()
                        .ifPresentOrElse(
                                same -> points.same(manifest.id(), same),
                                () -> points.made(manifest.id(), of.apply(manifest)));
                told.append('=').append(manifest.kind());
            }
        }
    }

    Instant now() {
        return clock.instant();
    }

    private Optional<String> newest(MemoryStore store) {
        List<BackupManifest> all = visible(store);
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(all.get(all.size() - 1).id());
    }

    MemoryStore repository() {
        return repository;
    }

    LivingCluster living() {
        return living;
    }

    ChainRig rig() {
        return rig;
    }

    /** Keys of all that is needed. */
    Set<String> reachable() {
        return Reachable.keys(Repository.open(repository));
    }

    /** @param damaged what became of the repository; each restore point is as it was, or its restore is refused */
    void requireRightOrRefused(ObjectStore damaged, String what) {
        for (BackupManifest manifest : visible(repository)) {
            Path out = temp.resolve("export" + exports++);
            try {
                rig.over(damaged).export(manifest.id(), points.tables(manifest.id()), out);
                points.requireRight(manifest.id(), name -> RestorePoints.exported(out, name), what);
            } catch (HindsightException e) {
                assertThat(e.hint()).as("hint of %s: %s", e, what).isNotBlank();
            } finally {
                Trees.delete(out);
            }
        }
    }

    /** Backups that anybody can see, oldest first. */
    List<BackupManifest> visible(MemoryStore store) {
        Repository plain = Repository.open(store);
        assertThat(plain.catalogue().inspect().problems()).as(told()).isEmpty();
        List<BackupManifest> out = new ArrayList<>();
        for (PublishedBackup one : plain.catalogue().backups()) {
            out.add(plain.load(one.manifest(), BackupManifest.class));
        }
        return out;
    }

    /**
     * Nothing that is referenced is missing, and restore points are as they should be: the newest two, any other, or all.
     */
    void requireRight(MemoryStore store, boolean everything, SplittableRandom sample, String what) {
        try {
            Reachable.keys(Repository.open(store));
        } catch (HindsightException e) {
            throw new AssertionError("something is missing or damaged: " + what, e);
        }
        List<BackupManifest> all = visible(store);
        int other = sample.nextInt(all.size() + 1);
        for (int i = 0; i < all.size(); i++) {
            if (everything || i == other || i >= all.size() - 2) {
                Path out = temp.resolve("export" + exports++);
                points.requireRight(rig.over(store), all.get(i), out, what);
                Trees.delete(out);
            }
        }
    }

    /** A restore point that no rule lets go can be seen, as a backup of its own or as a rebase of it. */
    private void requireHeld(String backup, String what) {
        assertThat(visible(repository))
                .as("%s can be restored: %s", backup, what)
                .anyMatch(one -> points.areSame(one.id(), backup));
    }

    /** What the verbs gave back of their own accord since the last look is right. */
    void requireGiven(String what) {
        for (ChainRig.Given given = rig.given().poll();
                given != null;
                given = rig.given().poll()) {
            points.requireRight(given.backup(), given.tables(), given.how() + ": " + what);
        }
    }

    /** Neither snapshots nor files of a run that is over. */
    void requireNothingLeft(String what) {
        assertThat(living.cluster().agents())
                .as("snapshots after %s", what)
                .flatMap(DirectoryAgent::leftovers)
                .isEmpty();
        assertThat(Trees.files(temp.resolve("scratch")))
                .as("scratch after %s", what)
                .isEmpty();
    }

    /** Runs that were cut off are taken for dead. */
    void declareDead() {
        DeadRuns.declareDead(temp.resolve("scratch"));
    }
}
