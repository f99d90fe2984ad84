package dev.hindsight.model.window;

/**
 * The weakest consistency level whose every acknowledged write is surely included; stronger ones come later. Within one
 * datacenter they stand for {@code LOCAL_ONE}, {@code LOCAL_QUORUM} and all of its replicas.
 */
public enum Guarantee {
    /** Nothing is sure: no replica counts. */
    NONE,
    /** Writes that all replicas acknowledged. */
    ALL,
    QUORUM,
    /** Every write that anybody was told of. */
    ONE;

    /**
     * With {@code counting} of {@code replicas} replicas, every write that at least {@code replicas - counting + 1} of them
     * acknowledged is on one that counts.
     */
    public static Guarantee of(int counting, int replicas) {
        if (counting < 0 || counting > replicas) {
            throw new IllegalArgumentException(counting + " of " + replicas + " replicas");
        }
        int needed = replicas - counting + 1;
        if (counting == 0) {
            return NONE;
        }
        if (needed == 1) {
            return ONE;
        }
        return needed <= replicas / 2 + 1 ? QUORUM : ALL;
    }

    public Guarantee weaker(Guarantee other) {
        return compareTo(other) <= 0 ? this : other;
    }
}
