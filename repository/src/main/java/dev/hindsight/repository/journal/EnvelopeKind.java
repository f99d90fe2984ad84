package dev.hindsight.repository.journal;

/** What an envelope holds. */
public enum EnvelopeKind {
    CAPTURE(1, 2, "capture"),
    SEGMENT(2, 1, "journal segment"),
    BEFORE(3, 1, "object of before-values");

    private final int number;
    private final int version;
    private final String text;

    EnvelopeKind(int number, int version, String text) {
        this.number = number;
        this.version = version;
        this.text = text;
    }

    /** In the header. */
    int number() {
        return number;
    }

    /** The newest version, which is the one that is written. */
    int version() {
        return version;
    }

    String text() {
        return text;
    }
}
