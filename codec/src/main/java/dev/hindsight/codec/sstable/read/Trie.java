package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.MalformedException;
import java.nio.ByteBuffer;

/**
 * A cursor over the nodes of an on-disk trie. Never goes from a node to one that is not before it in the file: in a damaged
 * trie, that would go round for ever. One thread.
 *
 * <p>A node starts with four bits of type and four bits of payload flags; pointers are distances back from the node.
 * <pre>
 *   type 0              leaf:   | flags |
 *   type 1 (4 bits)     single: | distance in the flags' place | byte |                    no payload
 *   type 3 (12 bits)    single: | distance from the flags' place on, 12 bits | byte |      no payload
 *   types 2, 4          single: | flags | byte | distance 1 or 2 |
 *   types 5 to 9        sparse: | flags | count | byte * count | distance * count |        8, 12, 16, 24, 40 bits
 *   types 10 to 15      dense:  | flags | first byte | count - 1 | distance * count |      12, 16, 24, 32, 40, 64 bits
 * </pre>
 * The payload follows. In dense nodes, the distance 0 means that there is no child.
 *
 * <p>Source: {@code TrieNode}, {@code Walker} 5.0.9.
 */
final class Trie {
    static final long NONE = -1;

    private static final int[] POINTER_BITS = {0, 4, 8, 12, 16, 8, 12, 16, 24, 40, 12, 16, 24, 32, 40, 64};

    /** The greatest node, with the greatest payload: 3 + 256 * 8 + 9. */
    private static final int MAX_NODE_BYTES = 2060;

    private final BlockReader in;
    private final long endOfNodes;

    private long node = Long.MAX_VALUE;
    private byte[] bytes = new byte[0];
    private int type;

    /** @param endOfNodes nodes are before this offset */
    Trie(BlockReader in, long endOfNodes) {
        this.in = in;
        this.endOfNodes = endOfNodes;
    }

    /** Goes to the root, from anywhere. */
    void start(long root) {
        node = endOfNodes;
        go(root);
    }

    /** Goes back to a node that {@link #child} and its like gave before. */
    void back(long to) {
        node = to + 1;
        go(to);
    }

    void go(long to) {
        if (to < 0 || to >= node) {
            throw new MalformedException(in.what() + ": a node of the trie at " + node + " points to " + to);
        }
        node = to;
        bytes = in.readUpTo(to, (int) Math.min(MAX_NODE_BYTES, endOfNodes - to));
        type = bytes[0] >> 4 & 0xf;
    }

    long position() {
        return node;
    }

    /** Places for children; in dense nodes, some may be empty. */
    int children() {
        if (type == 0) {
            return 0;
        }
        return type <= 4 ? 1 : isSparse() ? at(1) : at(2) + 1;
    }

    private boolean isSparse() {
        return type >= 5 && type <= 9;
    }

    /** As {@code Arrays.binarySearch}: the child of a byte, or {@code -(insertion point) - 1}. */
    int search(int wanted) {
        if (type == 0) {
            return -1;
        }
        if (type <= 4) {
            int only = at(type == 3 ? 2 : 1);
            return wanted == only ? 0 : wanted < only ? -1 : -2;
        }
        if (isSparse()) {
            int low = 0;
            int high = at(1) - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int here = at(2 + middle);
                if (here == wanted) {
                    return middle;
                }
                if (here < wanted) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return -low - 1;
        }
        int index = wanted - at(1);
        if (index < 0) {
            return -1;
        }
        if (index >= children()) {
            return -children() - 1;
        }
        return child(index) == NONE ? -index - 1 : index;
    }

    long child(int index) {
        long distance;
        if (type == 0) {
            return NONE;
        } else if (type == 1) {
            distance = at(0) & 0xf;
        } else if (type == 3) {
            distance = (at(0) & 0xf) << 8 | at(1);
        } else if (type <= 4) {
            distance = pointer(2, 0);
        } else {
            distance = pointer(isSparse() ? 2 + at(1) : 3, index);
        }
        return distance == 0 && type >= 10 ? NONE : node - distance;
    }

    /** The nearest child after a search's result, or {@code otherwise}. */
    long greater(int searched, long otherwise) {
        int count = children();
        for (int i = searched < 0 ? -1 - searched : searched + 1; i < count; i++) {
            long child = child(i);
            if (child != NONE) {
                return child;
            }
        }
        return otherwise;
    }

    /** The nearest child before a search's result, or {@code otherwise}. */
    long lesser(int searched, long otherwise) {
        for (int i = searched < 0 ? -2 - searched : searched - 1; i >= 0; i--) {
            long child = child(i);
            if (child != NONE) {
                return child;
            }
        }
        return otherwise;
    }

    long lastChild() {
        return lesser(children(), NONE);
    }

    /** 0 when there is no payload. */
    int payloadFlags() {
        return type == 1 || type == 3 ? 0 : at(0) & 0xf;
    }

    /** A signed number in the payload. */
    long payload(int offset, int length) {
        int from = payloadOffset() + offset;
        if (from + length > bytes.length) {
            throw beyond(from + length - 1);
        }
        long value = bytes[from];
        for (int i = 1; i < length; i++) {
            value = value << 8 | (bytes[from + i] & 0xff);
        }
        return value;
    }

    private int payloadOffset() {
        int count = children();
        int pointers = (POINTER_BITS[type] * count + 7) / 8;
        return type == 0 ? 1 : type <= 4 ? 2 + pointers : isSparse() ? 2 + count + pointers : 3 + pointers;
    }

    private long pointer(int base, int index) {
        int bits = POINTER_BITS[type];
        if (bits == 12) {
            int from = base + 3 * index / 2;
            int word = at(from) << 8 | at(from + 1);
            return (index & 1) == 0 ? word >> 4 : word & 0xfff;
        }
        int length = bits / 8;
        int from = base + length * index;
        if (length == 8) {
            if (from + 8 > bytes.length) {
                throw beyond(from + 7);
            }
            return ByteBuffer.wrap(bytes).getLong(from);
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | at(from + i);
        }
        return value;
    }

    private int at(int offset) {
        if (offset >= bytes.length) {
            throw beyond(offset);
        }
        return bytes[offset] & 0xff;
    }

    private MalformedException beyond(int offset) {
        return new MalformedException(in.what() + ": the node at " + node + " goes on to " + (node + offset)
                + " but nodes end at " + endOfNodes);
    }
}
