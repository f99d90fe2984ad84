package dev.hindsight.repository.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.CatalogueEntry.Action;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.Keys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What random entries mean, held against the sentences of FORMAT.md, each of which looks at the whole log again. */
class EntryLogModelTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int LOGS = Integer.getInteger("test.cases", 2000);
    private static final List<String> BACKUPS = List.of("a", "b", "c", "d");
    private static final List<String> SCOPES = List.of("backup prod", "collect");

    @Test
    void randomLogsMeanWhatTheFormatSays() {
        for (int i = 0; i < LOGS; i++) {
            long seed = SEED + i;
            List<CatalogueEntry> entries = entries(new Random(seed));
            Model model = new Model(entries);
            CatalogueView view = new CatalogueView(entries, List.of(), 40);

            for (CatalogueEntry entry : entries) {
                assertThat(view.isVoid(entry.number()))
                        .as("seed %d, void %s", seed, entry)
                        .isEqualTo(model.isVoid(entry));
                assertThat(view.stands(entry.number()))
                        .as("seed %d, stands %s", seed, entry)
                        .isEqualTo(model.stands(entry.number(), Long.MAX_VALUE));
            }
            for (String backup : BACKUPS) {
                assertThat(view.isHeld(backup)).as("seed %d", seed).isEqualTo(model.held(backup, Long.MAX_VALUE));
                assertThat(view.expiryOf(backup)).as("seed %d", seed).isEqualTo(model.expiry(backup, Long.MAX_VALUE));
            }
            assertThat(view.backups()).as("seed %d", seed).isEqualTo(model.backups());
            assertThat(view.protections()).as("seed %d", seed).isEqualTo(model.protections());
        }
    }

    /** Leaving out an entry that cannot be read never lets anything go that the others would keep, but for what it says. */
    @Test
    void unreadableEndNeverFreesAndUnreadableExpiryNeverExpires() {
        for (int i = 0; i < LOGS; i++) {
            Random random = new Random(SEED + i);
            List<CatalogueEntry> entries = entries(random);
            CatalogueView whole = new CatalogueView(entries, List.of(), 40);
            CatalogueEntry lost = entries.get(random.nextInt(entries.size()));
            if (lost.action() != Action.END && lost.action() != Action.EXPIRE && lost.action() != Action.RELEASE) {
                continue;
            }
            List<CatalogueEntry> left = new ArrayList<>(entries);
            left.remove(lost);
            CatalogueView view = new CatalogueView(left, List.of("lost"), 40);

            assertThat(view.unreadable()).contains(lost.number());
            if (lost.action() == Action.END) {
                // But for what the one whose end is lost said itself after it: that counts now.
                boolean spokeLater = entries.stream()
                        .anyMatch(one ->
                                one.number() > lost.number() && one.under().equals(lost.ends()));
                if (!spokeLater) {
                    assertThat(view.claims()).as("seed %d", SEED + i).containsAll(whole.claims());
                }
            } else if (lost.action() == Action.EXPIRE) {
                assertThat(view.expired()).as("seed %d", SEED + i).isSubsetOf(whole.expired());
            } else {
                assertThat(view.isHeld(lost.backup()) || !whole.isHeld(lost.backup()))
                        .isTrue();
            }
        }
    }

    private static List<CatalogueEntry> entries(Random random) {
        List<CatalogueEntry> out = new ArrayList<>();
        List<Long> claims = new ArrayList<>();
        for (long number = 1; number <= 40; number++) {
            Action action = Action.values()[random.nextInt(Action.values().length)];
            String backup = BACKUPS.get(random.nextInt(BACKUPS.size()));
            Optional<Long> under = claims.isEmpty() || random.nextInt(3) == 0
                    ? Optional.empty()
                    : Optional.of(random.nextInt(8) == 0 ? random.nextLong(-1, 44) : any(claims, random));
            Author author = new Author(1, "w", Instant.EPOCH, action == Action.CLAIM ? Optional.empty() : under);
            Change change = switch (action) {
                case PUBLISH ->
                    new Change.Publish(
                            backup,
                            new ObjectRef(Keys.backupManifest(backup), number, Digests.of(new byte[0])),
                            random.nextInt(3) == 0
                                    ? Optional.of(BACKUPS.get(random.nextInt(BACKUPS.size())))
                                    : Optional.empty());
                case REPARENT -> new Change.Reparent(backup, BACKUPS.get(random.nextInt(BACKUPS.size())));
                case HOLD -> new Change.Hold(backup, "");
                case RELEASE -> new Change.Release(backup, "");
                case EXPIRE -> new Change.Expire(backup, "");
                case CLAIM ->
                    new Change.Claim(new CatalogueEntry.Claim(
                            SCOPES.get(random.nextInt(SCOPES.size())), "r", "v", List.of(), "h", "b", 1, 1));
                case END -> new Change.End(claims.isEmpty() ? 7 : any(claims, random), "");
                case PROTECT -> new Change.Protect(protection(random), "");
                case UNPROTECT -> new Change.Unprotect(protection(random), "");
            };
            if (action == Action.CLAIM) {
                claims.add(number);
            }
            // Some cannot be read.
            if (random.nextInt(15) != 0) {
                out.add(change.asEntry(author, number, "none", Optional.empty()));
            }
        }
        return out;
    }

    private static CatalogueEntry.Protection protection(Random random) {
        return new CatalogueEntry.Protection(
                "c", new TableName("k", random.nextBoolean() ? "t" : "u"), new UUID(0, random.nextInt(2)));
    }

    private static long any(List<Long> claims, Random random) {
        return claims.get(claims.size() - 1 - random.nextInt(Math.min(3, claims.size())));
    }

    /** Each question is answered from all entries before a place; what was answered once is known. */
    private static final class Model {
        private final List<CatalogueEntry> entries;
        private final Map<Long, Boolean> counting = new HashMap<>();

        Model(List<CatalogueEntry> entries) {
            this.entries = entries;
        }

        boolean counts(CatalogueEntry entry) {
            Boolean known = counting.get(entry.number());
            if (known == null) {
                known = looksWhetherItCounts(entry);
                counting.put(entry.number(), known);
            }
            return known;
        }

        private boolean looksWhetherItCounts(CatalogueEntry entry) {
            if (entry.under().isEmpty()) {
                return true;
            }
            long claim = entry.under().get();
            if (claim < 1 || claim >= entry.number()) {
                return false;
            }
            if (entries.stream().noneMatch(one -> one.number() == claim)) {
                return entry.action() != Action.EXPIRE && entry.action() != Action.RELEASE;
            }
            return stands(claim, entry.number());
        }

        boolean stands(long claim, long before) {
            Optional<CatalogueEntry> entry = entries.stream()
                    .filter(one -> one.number() == claim && one.action() == Action.CLAIM)
                    .findFirst();
            return entry.isPresent()
                    && entries.stream()
                            .filter(one -> one.number() > claim && one.number() < before && counts(one))
                            .noneMatch(one -> one.ends().equals(Optional.of(claim))
                                    || (one.action() == Action.CLAIM
                                            && scope(one).equals(scope(entry.get()))));
        }

        private static String scope(CatalogueEntry entry) {
            return entry.claim().orElseThrow().scope();
        }

        boolean held(String backup, long before) {
            return last(backup, before, Action.HOLD, Action.RELEASE)
                    .map(one -> one.action() == Action.HOLD)
                    .orElse(false);
        }

        Optional<CatalogueEntry> expiry(String backup, long before) {
            return entries.stream()
                    .filter(one -> one.number() < before
                            && one.action() == Action.EXPIRE
                            && one.backup().equals(backup)
                            && counts(one)
                            && !held(backup, one.number()))
                    .findFirst();
        }

        boolean isVoid(CatalogueEntry entry) {
            return !counts(entry)
                    || (entry.action() == Action.EXPIRE && held(entry.backup(), entry.number()))
                    || (entry.action() == Action.PUBLISH
                            && expiry(entry.backup(), entry.number()).isPresent());
        }

        long place(CatalogueEntry publish) {
            return publish.rebaseOf()
                    .map(of -> published(of, publish.number()).map(this::place).orElse(0L))
                    .orElse(publish.number());
        }

        Optional<CatalogueEntry> published(String backup, long before) {
            return last(backup, before, Action.PUBLISH);
        }

        private Optional<CatalogueEntry> last(String backup, long before, Action... actions) {
            return entries.stream()
                    .filter(one -> one.number() < before
                            && one.backup().equals(backup)
                            && List.of(actions).contains(one.action())
                            && !isVoid(one))
                    .reduce((a, b) -> b);
        }

        List<CatalogueEntry> protections() {
            return entries.stream()
                    .filter(one -> one.action() == Action.PROTECT && counts(one))
                    .filter(one -> entries.stream()
                            .filter(other -> other.number() > one.number() && counts(other))
                            .noneMatch(other -> endsProtection(other, one)))
                    .toList();
        }

        private static boolean endsProtection(CatalogueEntry later, CatalogueEntry protect) {
            CatalogueEntry.Protection of = protect.protection().orElseThrow();
            return later.action() == Action.UNPROTECT && later.protection().equals(protect.protection())
                    || later.action() == Action.PROTECT
                            && later.protection().orElseThrow().cluster().equals(of.cluster())
                            && later.protection().orElseThrow().table().equals(of.table());
        }

        List<PublishedBackup> backups() {
            Map<String, CatalogueEntry> newest = new TreeMap<>();
            BACKUPS.forEach(backup -> published(backup, Long.MAX_VALUE).ifPresent(entry -> newest.put(backup, entry)));
            return newest.entrySet().stream()
                    .filter(one -> expiry(one.getKey(), Long.MAX_VALUE).isEmpty())
                    .sorted(Comparator.comparingLong((Map.Entry<String, CatalogueEntry> one) -> place(one.getValue()))
                            .thenComparingLong(one -> one.getValue().number()))
                    .map(one -> new PublishedBackup(
                            one.getKey(),
                            one.getValue().manifest().orElseThrow(),
                            one.getValue(),
                            last(one.getKey(), Long.MAX_VALUE, Action.REPARENT).flatMap(CatalogueEntry::parent),
                            held(one.getKey(), Long.MAX_VALUE)))
                    .toList();
        }
    }
}
