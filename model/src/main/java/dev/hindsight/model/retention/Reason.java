package dev.hindsight.model.retention;

import java.util.List;

/**
 * Why a backup stays.
 *
 * @param of tables that the rule is about, or for {@link Why#NEEDED} the backups that need it; empty for the others
 */
public record Reason(Why why, List<String> of) {
    private static final int SHOWN = 3;

    public enum Why {
        HELD("held"),
        PINNED("in use by a run"),
        UNREADABLE("its manifest cannot be read, so nothing can be said of it"),
        NOT_NAMED("not named"),
        RECENT("recent"),
        DAILY("last of its day"),
        WEEKLY("last of its week"),
        MONTHLY("last of its month"),
        MINIMUM("among the fewest to keep"),
        WINDOW("base of the window"),
        LAST("last restorable"),
        NEEDED("needed by");

        private final String text;

        Why(String text) {
            this.text = text;
        }
    }

    public Reason {
        of = List.copyOf(of);
    }

    static Reason of(Why why) {
        return new Reason(why, List.of());
    }

    /** For people: {@code last of its day for shop.orders, shop.users and 4 more}. */
    public String text() {
        if (of.isEmpty()) {
            return why.text;
        }
        String names = String.join(", ", of.subList(0, Math.min(SHOWN, of.size())));
        String more = of.size() > SHOWN ? " and " + (of.size() - SHOWN) + " more" : "";
        return why.text
                + (why == Why.NEEDED ? " " : why == Why.LAST || why == Why.WINDOW ? " of " : " for ")
                + names
                + more;
    }
}
