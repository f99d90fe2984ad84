package dev.hindsight.bench.synthesis.engine;

/** Names of what an engine says about one job. Times in nanoseconds. */
public final class Figures {
    /** Of the threads that merge, and of those that fetch for them. */
    public static final String CPU = "cpu";

    public static final String FETCH_CPU = "cpu-fetch";
    public static final String MERGE_CPU = "cpu-merge";
    /** Of the whole process: collector and compiler, too. */
    public static final String PROCESS_CPU = "cpu-process";

    public static final String WALL = "wall";
    public static final String ALLOCATED = "allocated";
    public static final String ROWS = "rows";
    public static final String PARTITIONS = "partitions";
    public static final String CELLS = "cells";
    public static final String MARKERS = "markers";
    /** Of all that was counted, timestamps included. */
    public static final String DIGEST = "digest";

    /** Steps of the physical floor. */
    public static final String READ = "read";

    public static final String DECOMPRESS = "decompress";
    public static final String COMPARE = "compare";
    public static final String COPY = "copy";
    public static final String COMPRESS = "compress";
    public static final String WRITE = "write";

    private Figures() {}
}
