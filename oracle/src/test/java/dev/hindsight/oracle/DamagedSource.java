package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.synthesis.InputSSTable;
import java.util.HashMap;
import java.util.Map;

/** A component with some bits wrong, or with its end cut off. */
record DamagedSource(ByteSource whole, long wrongAt, int wrongBits, long sizeBytes) implements ByteSource {
    static InputSSTable flip(InputSSTable input, String component, long at, int bits) {
        ByteSource whole = source(input, component);
        return replace(input, component, new DamagedSource(whole, at, bits, whole.sizeBytes()));
    }

    static InputSSTable truncate(InputSSTable input, String component, long sizeBytes) {
        return replace(input, component, new DamagedSource(source(input, component), -1, 0, sizeBytes));
    }

    static InputSSTable replace(InputSSTable input, String component, ByteSource with) {
        Map<String, ByteSource> components = new HashMap<>(input.components());
        components.put(component, with);
        return new InputSSTable(input.origin(), input.descriptor(), components, input.ranges());
    }

    static InputSSTable remove(InputSSTable input, String component) {
        Map<String, ByteSource> components = new HashMap<>(input.components());
        components.remove(component);
        return new InputSSTable(input.origin(), input.descriptor(), components, input.ranges());
    }

    static ByteSource source(InputSSTable input, String component) {
        ByteSource found = input.components().get(component);
        if (found == null) {
            throw new IllegalArgumentException(input + " has no " + component);
        }
        return found;
    }

    @Override
    public String name() {
        return "damaged " + whole.name();
    }

    @Override
    public void read(long position, byte[] into, int offset, int length) {
        if (position + length > sizeBytes) {
            throw new IllegalArgumentException("asked for bytes past the end of " + name());
        }
        whole.read(position, into, offset, length);
        if (wrongAt >= position && wrongAt < position + length) {
            into[offset + (int) (wrongAt - position)] ^= (byte) wrongBits;
        }
    }
}
