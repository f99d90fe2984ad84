package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.oracle.CaseShape.ColumnShape;
import dev.hindsight.oracle.EngineCase.Flush;
import dev.hindsight.oracle.EngineCase.Settings;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Takes a failing case apart until what is left fails only as a whole: fewer SSTables, writes, cells and columns, simpler
 * settings. Tries a limited number of smaller cases, since each is run.
 */
final class CaseShrinker {
    private final Predicate<EngineCase> fails;
    private int tries;
    private EngineCase smallest;

    private CaseShrinker(EngineCase failing, Predicate<EngineCase> fails, int tries) {
        this.smallest = failing;
        this.fails = fails;
        this.tries = tries;
    }

    /**
     * @param fails whether a case still fails in the same way; a case that cannot be made does not
     * @param tries how often {@code fails} is asked at most
     */
    static EngineCase shrink(EngineCase failing, Predicate<EngineCase> fails, int tries) {
        CaseShrinker shrinker = new CaseShrinker(failing, fails, tries);
        int before;
        do {
            before = shrinker.weight();
            shrinker.settings();
            shrinker.flushes();
            shrinker.writes();
            shrinker.cells();
            shrinker.columns();
            shrinker.formats();
        } while (shrinker.tries > 0 && shrinker.weight() < before);
        return shrinker.smallest;
    }

    private int weight() {
        int cells = smallest.flushes().stream()
                .flatMap(flush -> flush.writes().stream())
                .mapToInt(write ->
                        write instanceof Write.RowWrite row ? 2 + row.cells().size() : 2)
                .sum();
        return 10 * smallest.flushes().size()
                + cells
                + smallest.shape().columns().size()
                + smallest.settings().groups().size();
    }

    private boolean take(EngineCase smaller) {
        if (tries <= 0 || smaller.equals(smallest)) {
            return false;
        }
        tries--;
        if (!fails.test(smaller)) {
            return false;
        }
        smallest = smaller;
        return true;
    }

    /** Leaves out ever smaller parts of a list for as long as the rest still fails. */
    private <T> void less(List<T> all, Function<List<T>, EngineCase> with) {
        List<T> kept = new ArrayList<>(all);
        for (int size = Math.max(1, kept.size() / 2); ; size /= 2) {
            for (int from = 0; from < kept.size() && tries > 0; ) {
                List<T> rest = new ArrayList<>(kept.subList(0, from));
                rest.addAll(kept.subList(Math.min(kept.size(), from + size), kept.size()));
                if (!rest.isEmpty() && take(with.apply(rest))) {
                    kept = rest;
                } else {
                    from += size;
                }
            }
            if (size <= 1) {
                return;
            }
        }
    }

    private void settings() {
        Settings now = smallest.settings();
        take(smallest.withSettings(now.undivided()));
        now = smallest.settings();
        take(smallest.withSettings(now.withPolicies(new PurgePolicy.KeepTombstones(), new TtlPolicy.Keep())));
        now = smallest.settings();
        take(smallest.withSettings(now.withPolicies(now.purge(), new TtlPolicy.Keep())));
        now = smallest.settings();
        take(smallest.withSettings(now.withPolicies(new PurgePolicy.KeepTombstones(), now.ttl())));
        now = smallest.settings();
        if (!take(smallest.withSettings(now.withGroups(List.of(new OutputGroup("all", TokenRanges.FULL)))))) {
            less(
                    smallest.settings().groups(),
                    groups -> smallest.withSettings(smallest.settings().withGroups(groups)));
        }
    }

    private void flushes() {
        less(smallest.flushes(), flushes -> smallest.withFlushes(flushes));
    }

    private void writes() {
        for (int i = 0; i < smallest.flushes().size() && tries > 0; i++) {
            int at = i;
            less(
                    smallest.flushes().get(i).writes(),
                    writes -> replaced(at, smallest.flushes().get(at).withWrites(List.copyOf(writes))));
        }
    }

    private EngineCase replaced(int at, Flush flush) {
        List<Flush> flushes = new ArrayList<>(smallest.flushes());
        flushes.set(at, flush);
        return smallest.withFlushes(flushes);
    }

    private void cells() {
        for (int i = 0; i < smallest.flushes().size() && tries > 0; i++) {
            for (int j = 0; j < smallest.flushes().get(i).writes().size() && tries > 0; j++) {
                int flush = i;
                int write = j;
                if (smallest.flushes().get(i).writes().get(j) instanceof Write.RowWrite row
                        && !row.cells().isEmpty()) {
                    boolean other = row.liveness() != null || row.deletion() != null;
                    if (!other || !take(rewritten(flush, write, row.withCells(List.of())))) {
                        less(row.cells(), cells -> rewritten(flush, write, row.withCells(List.copyOf(cells))));
                    }
                }
                if (smallest.flushes().get(i).writes().get(j) instanceof Write.RowWrite row && row.liveness() != null) {
                    take(rewritten(
                            flush,
                            write,
                            new Write.RowWrite(row.key(), row.clustering(), null, row.deletion(), row.cells())));
                }
            }
        }
    }

    private EngineCase rewritten(int flush, int write, Write with) {
        List<Write> writes = new ArrayList<>(smallest.flushes().get(flush).writes());
        writes.set(write, with);
        return replaced(flush, smallest.flushes().get(flush).withWrites(writes));
    }

    /** Columns without a cell, all at once and then one by one. */
    private void columns() {
        List<ColumnShape> unused = smallest.shape().columns().stream()
                .filter(column -> !column.isKey())
                .filter(column -> smallest.flushes().stream()
                        .flatMap(flush -> flush.writes().stream())
                        .noneMatch(write -> write.columns().contains(column.name())))
                .toList();
        CaseShape without = smallest.shape();
        for (ColumnShape column : unused) {
            without = without.without(column);
        }
        if (!unused.isEmpty() && !take(smallest.withShape(without))) {
            for (ColumnShape column : unused) {
                take(smallest.withShape(smallest.shape().without(column)));
            }
        }
        take(smallest.withShape(smallest.shape()
                .withOptions(Collections.nCopies(smallest.shape().generations(), ""))));
    }

    private void formats() {
        take(smallest.withFlushes(smallest.flushes().stream().map(Flush::plain).toList()));
        for (String version : List.of("nb", "oa")) {
            take(smallest.withFlushes(smallest.flushes().stream()
                    .map(flush -> flush.inVersion(version))
                    .toList()));
        }
    }
}
