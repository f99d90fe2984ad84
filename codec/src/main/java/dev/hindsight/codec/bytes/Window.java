package dev.hindsight.codec.bytes;

/**
 * A moving view of a stream of uncompressed, verified bytes: {@code bytes[position..limit)} is at hand, {@link #require}
 * brings more. Whoever reads moves {@link #position} by itself. The fields are public because they are read for every row.
 *
 * <p>The stream is a sequence of sections (the wanted parts of a file), each read to its end before
 * {@link #nextSection}. One thread.
 */
public abstract class Window {
    /** May be another array after {@link #require}; bytes before {@link #position} are forgotten then. */
    public byte[] bytes;

    public int position;
    public int limit;

    protected Window(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * At least {@code count} bytes are at hand afterwards; keeps those from {@link #position} on, but may move them.
     *
     * @throws MalformedException the section ends before
     */
    public final void require(int count) {
        if (limit - position < count) {
            fill(count);
        }
    }

    /** Brings bytes until at least {@code count} are at hand (more when that is cheap), or throws. Grows the array if it must. */
    protected abstract void fill(int count);

    /** Whether the section has at least one more byte. */
    public abstract boolean hasMore();

    /** Goes to the start of the next section, whatever is left of this one; false when there is none. First call: the first. */
    public abstract boolean nextSection();

    /** Where {@code bytes[position]} is in the uncompressed file, for messages and for bounds. */
    public abstract long filePosition();
}
