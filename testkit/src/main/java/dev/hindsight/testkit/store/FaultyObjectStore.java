package dev.hindsight.testkit.store;

import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * A store over another one that fails when told to. Without a fault it only counts; it runs {@link ObjectStoreContract}.
 *
 * <p>Two ways to ask for faults: by call number ({@link #cutFrom}, {@link #failOnce}: numbers count all calls of all
 * operations from 1 since {@link #heal}), and by operation and key ({@link #inject}). Safe for several threads; numbers
 * are given in the order in which calls arrive.
 */
public final class FaultyObjectStore implements ObjectStore {
    public enum Operation {
        PUT,
        GET,
        READ,
        SIZE,
        LIST,
        DELETE
    }

    public enum Fault {
        /** Fails before anything happened: {@link NotAppliedException} for a put or delete, else unreachable. */
        NOT_APPLIED,
        /** {@link StoreUnreachableException}, nothing happened. */
        UNREACHABLE,
        /** Done, but the answer is lost: {@link OutcomeUnknownException}. Reads: as UNREACHABLE. */
        LOST_ANSWER,
        /** One bit of what is read is wrong. */
        BIT_FLIP,
        /** Half of a get arrives, then an {@link IOException}. Others: as UNREACHABLE. */
        TORN_READ,
        /** A listing lacks the keys that match; other operations do not notice. */
        HIDDEN
    }

    private record Rule(Operation operation, Predicate<String> key, Fault fault) {}

    private final ObjectStore inner;
    private final List<Rule> rules = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private int cutFrom = Integer.MAX_VALUE;
    private int failAt = Integer.MAX_VALUE;
    private Fault failWith = Fault.UNREACHABLE;
    private Fault cutWith = Fault.UNREACHABLE;

    public FaultyObjectStore(ObjectStore inner) {
        this.inner = inner;
    }

    /** From call {@code number} on nothing works any more, as if the network or the process had gone. */
    public synchronized void cutFrom(int number) {
        cutFrom = number;
        cutWith = Fault.UNREACHABLE;
    }

    /** As {@link #cutFrom}, but call {@code number} itself is still carried out; only its answer is lost. */
    public synchronized void cutAfter(int number) {
        cutFrom = number;
        cutWith = Fault.LOST_ANSWER;
    }

    /** Only call {@code number} fails. */
    public synchronized void failOnce(int number, Fault fault) {
        failAt = number;
        failWith = fault;
    }

    /** All calls of one operation on matching keys fail. */
    public synchronized void inject(Operation operation, Predicate<String> key, Fault fault) {
        rules.add(new Rule(operation, key, fault));
    }

    /** No more faults; counts from 1 again. */
    public synchronized void heal() {
        rules.clear();
        log.clear();
        cutFrom = Integer.MAX_VALUE;
        failAt = Integer.MAX_VALUE;
    }

    /** Calls since the beginning or {@link #heal}. */
    public synchronized int calls() {
        return log.size();
    }

    /** {@code PUT catalog/0000000000000001.json} and so on, in order: which call a number means. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body) {
        Fault fault = next(Operation.PUT, key);
        if (fault == Fault.LOST_ANSWER) {
            inner.putIfAbsent(key, body);
        }
        failWrite(fault, "put of " + key);
        return inner.putIfAbsent(key, body);
    }

    @Override
    public void delete(String key) {
        Fault fault = next(Operation.DELETE, key);
        if (fault == Fault.LOST_ANSWER) {
            inner.delete(key);
        }
        failWrite(fault, "delete of " + key);
        inner.delete(key);
    }

    @Override
    public InputStream get(String key) {
        Fault fault = next(Operation.GET, key);
        if (fault == Fault.BIT_FLIP || fault == Fault.TORN_READ) {
            return new DamagedStream(inner.get(key), inner.size(key).orElse(0) / 2, fault);
        }
        failRead(fault, "get of " + key);
        return inner.get(key);
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        Fault fault = next(Operation.READ, key);
        if (fault != Fault.BIT_FLIP) {
            failRead(fault, "read of " + key);
        }
        inner.read(key, position, into, offset, length);
        if (fault == Fault.BIT_FLIP && length > 0) {
            into[offset + length / 2] ^= 0x04;
        }
    }

    @Override
    public OptionalLong size(String key) {
        failRead(next(Operation.SIZE, key), "size of " + key);
        return inner.size(key);
    }

    @Override
    public List<String> list(String prefix) {
        Predicate<String> hidden;
        synchronized (this) {
            hidden = rules.stream()
                    .filter(rule -> rule.operation() == Operation.LIST && rule.fault() == Fault.HIDDEN)
                    .map(Rule::key)
                    .reduce(key -> false, Predicate::or);
        }
        failRead(next(Operation.LIST, prefix), "list of " + prefix);
        return inner.list(prefix).stream().filter(hidden.negate()).toList();
    }

    /** The fault of this call; {@link Fault#HIDDEN} stands for none. */
    private synchronized Fault next(Operation operation, String key) {
        log.add(operation + " " + key);
        int number = log.size();
        if (number == failAt) {
            return failWith;
        }
        if (number >= cutFrom) {
            return number == cutFrom ? cutWith : Fault.UNREACHABLE;
        }
        return rules.stream()
                .filter(rule -> rule.operation() == operation
                        && rule.fault() != Fault.HIDDEN
                        && rule.key().test(key))
                .map(Rule::fault)
                .findFirst()
                .orElse(Fault.HIDDEN);
    }

    private static void failWrite(Fault fault, String what) {
        switch (fault) {
            case HIDDEN:
            case BIT_FLIP:
                return;
            case NOT_APPLIED:
                throw new NotAppliedException(what + " failed on demand", "repeat it");
            case LOST_ANSWER:
                throw new OutcomeUnknownException(what + ": the answer was lost on demand", "look before repeating");
            case UNREACHABLE:
            case TORN_READ:
                throw unreachable(what);
        }
    }

    private static void failRead(Fault fault, String what) {
        if (fault != Fault.HIDDEN && fault != Fault.BIT_FLIP) {
            throw unreachable(what);
        }
    }

    private static StoreUnreachableException unreachable(String what) {
        return new StoreUnreachableException(what + " failed on demand", "heal the store");
    }

    /** Good up to a position; there one wrong bit, or the end of the connection. */
    private static final class DamagedStream extends FilterInputStream {
        private final long damagedAt;
        private final Fault fault;
        private long position;

        DamagedStream(InputStream in, long damagedAt, Fault fault) {
            super(in);
            this.damagedAt = damagedAt;
            this.fault = fault;
        }

        @Override
        public int read() throws IOException {
            if (position == damagedAt && fault == Fault.TORN_READ) {
                throw new IOException("connection cut on demand after " + position + " bytes");
            }
            int b = in.read();
            if (b < 0) {
                return b;
            }
            return position++ == damagedAt ? b ^ 0x04 : b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (position == damagedAt) {
                int b = length == 0 ? -1 : read();
                if (b < 0) {
                    return length == 0 ? 0 : -1;
                }
                into[offset] = (byte) b;
                return 1;
            }
            int most = position < damagedAt ? (int) Math.min(length, damagedAt - position) : length;
            int n = in.read(into, offset, most);
            position += Math.max(n, 0);
            return n;
        }

        @Override
        public long skip(long n) throws IOException {
            return read(new byte[(int) Math.min(n, 8192)]);
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
