package dev.hindsight.codec.sstable.write;

/**
 * Told of bytes on their way to disk, just before each write. May refuse by throwing: the writer is then of no more use, and
 * its {@link SSTableWriter#close} deletes what was written. Called on the writer's thread.
 */
public interface WriteListener {
    WriteListener NONE = new WriteListener() {
        @Override
        public void data(long bytes) {}

        @Override
        public void other(long bytes) {}

        @Override
        public void temporary(long bytes) {}
    };

    /** To Data.db. */
    void data(long bytes);

    /** To any other component. */
    void other(long bytes);

    /** To a temporary file beside the components; negative when one was deleted. */
    void temporary(long bytes);
}
