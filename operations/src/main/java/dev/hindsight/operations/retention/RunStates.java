package dev.hindsight.operations.retention;

import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.CatalogueEntry;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the catalogue says of runs, whose ids stand in the keys of their objects. Once a run is {@link State#OVER} it
 * stays so: its claim cannot come back, and what it would still append is void.
 *
 * <p>To be made from a catalogue that was read <em>after</em> the objects were listed: a run claims before it puts its
 * first object, so that every object's run is known then.
 */
final class RunStates {
    enum State {
        /** It may be at work. */
        ALIVE,
        /** Every claim of it was ended or replaced. */
        OVER,
        /** It never claimed anything, as programs before claims; by its id it is young. */
        UNKNOWN,
        /** It never claimed anything, and began long ago. */
        LONG_AGO
    }

    /** Programs without claims are not around for longer; clocks may be days apart. */
    private static final Duration LONG = Duration.ofDays(7);

    private static final Pattern ID = Pattern.compile("(\\d{8}T\\d{6})Z-[0-9a-f]{4}");
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss", Locale.ROOT);

    private final CatalogueView view;
    private final Set<String> alive = new HashSet<>();
    private final Set<String> claimed = new HashSet<>();
    private final Instant longAgo;
    private final long last;

    /** @param now of this machine; it and the newest backup's machine must both say that something is long ago */
    RunStates(CatalogueView view, Instant now) {
        this.view = view;
        Instant newest = Instant.EPOCH;
        long highest = 0;
        for (CatalogueEntry entry : view.entries()) {
            if (entry.action() == CatalogueEntry.Action.PUBLISH && entry.at().isAfter(newest)) {
                newest = entry.at();
            }
            highest = Math.max(highest, entry.number());
            entry.claim().ifPresent(claim -> claimed.add(claim.run()));
        }
        last = highest;
        view.claims().forEach(claim -> alive.add(claim.claim().run()));
        longAgo = (newest.isBefore(now) ? newest : now).minus(LONG);
    }

    State of(String run) {
        if (alive.contains(run)) {
            return State.ALIVE;
        }
        if (claimed.contains(run)) {
            return State.OVER;
        }
        return begun(run).filter(at -> at.isBefore(longAgo)).isPresent() ? State.LONG_AGO : State.UNKNOWN;
    }

    /** Whether objects of the run that nothing reaches are garbage. */
    boolean isOver(String run) {
        State state = of(run);
        return state == State.OVER || state == State.LONG_AGO;
    }

    /** Whether a claim of that number stands, or is newer than what is known here. */
    boolean mayStand(long claim) {
        return view.stands(claim) || claim > last;
    }

    /** When a backup's id was given out, by its machine's clock. */
    private static Optional<Instant> begun(String run) {
        Matcher matcher = ID.matcher(run);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDateTime.parse(matcher.group(1), SECOND).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
