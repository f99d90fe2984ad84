package dev.hindsight.synthesis.merge;

/** An input has bytes that cannot be; whoever knows what the input is makes this an error that an operator understands. */
public final class DamagedInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int input;

    DamagedInput(int input, String where, Throwable cause) {
        super(where, cause);
        this.input = input;
    }

    /** {@link dev.hindsight.codec.row.RowCursor#index} of it. */
    public int input() {
        return input;
    }
}
