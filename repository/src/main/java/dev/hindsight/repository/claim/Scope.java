package dev.hindsight.repository.claim;

/** What only one run may do at a time, as text in a claim. All runs that would collide must build the same one. */
public final class Scope {
    public static final String EXPIRE = "expire";
    public static final String COLLECT = "collect";

    private Scope() {}

    /** @param cluster its own name, as its nodes give it */
    public static String backup(String cluster) {
        return "backup " + cluster;
    }

    public static String restore(String targetCluster, String targetKeyspace) {
        return "restore " + targetCluster + " " + targetKeyspace;
    }

    public static String rebase(String cluster) {
        return "rebase " + cluster;
    }

    /** For a run that only reads: excludes nobody, keeps what it reads. */
    public static String read(String run) {
        return "read " + run;
    }
}
