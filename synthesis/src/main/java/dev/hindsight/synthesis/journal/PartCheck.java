package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.merge.DamagedInput;

/**
 * Reads parts of before-values of one version of the schema to their last cell. Holds the largest part. One thread.
 *
 * <p>Source: FORMAT.md, Before-values.
 */
public final class PartCheck {
    private final PastCoding coding;
    private final Arena part = new Arena(1 << 10);
    private final Arena read = new Arena(1 << 10);

    /** @param table as that version has it */
    public PartCheck(int version, TableDefinition table) {
        this.coding = new PastCoding(version, table);
    }

    /**
     * Reads one part.
     *
     * @throws MalformedException it is none of this version
     */
    public void read(byte[] bytes, int at, int length) {
        try {
            PastCoding.key(part);
            part.append(bytes, at, length);
            coding.adopt(part, coding, read);
        } catch (DamagedInput | IndexOutOfBoundsException e) {
            throw new MalformedException("what rows were before a record cannot be read: " + e.getMessage(), e);
        }
    }
}
