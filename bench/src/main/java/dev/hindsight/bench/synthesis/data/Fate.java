package dev.hindsight.bench.synthesis.data;

/** What becomes of one row on one replica. */
record Fate(boolean written, boolean updated, boolean deleted) {
    private static final Fate SAME = new Fate(true, false, false);
    private static final Fate MISSING = new Fate(false, false, false);
    private static final Fate UPDATED = new Fate(true, true, false);
    private static final Fate DELETED = new Fate(true, false, true);

    /**
     * Of the rows that differ, three tenths are missing on one replica, three are updated later on two, three on all, and
     * one is deleted on two.
     *
     * @param hash of the row, the same for all replicas
     */
    static Fate of(long hash, double differing, int replica) {
        double drawn = (hash & 0xffffff) / (double) 0x1000000;
        boolean odd = (hash >>> 24 & 0xffffff) % DataSet.REPLICAS == replica;
        if (drawn < 0.3 * differing) {
            return odd ? MISSING : SAME;
        }
        if (drawn < 0.6 * differing) {
            return odd ? SAME : UPDATED;
        }
        if (drawn < 0.9 * differing) {
            return UPDATED;
        }
        return drawn < differing && !odd ? DELETED : SAME;
    }
}
