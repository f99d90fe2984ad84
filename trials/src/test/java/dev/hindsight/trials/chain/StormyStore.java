package dev.hindsight.trials.chain;

import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A store in bad weather: of all attempts a quarter fails (of changes, half of those after they were carried out), three
 * in ten are throttled, some reads are slow, and one read in a hundred gives a wrong bit. Tries again a few times before
 * it gives up, as the client of a bucket does, and compares what it finds there when a put's answer was lost. Every
 * attempt takes a turn. Safe for several threads.
 */
final class StormyStore implements ObjectStore {
    private static final int ATTEMPTS = 12;
    private static final int SLOW_TURNS = 5;

    private enum Weather {
        FINE,
        SLOW,
        WRONG,
        THROTTLED,
        FAILED,
        LOST
    }

    private final ObjectStore inner;
    private final Random random;
    private final Turns turns;
    private final int fineDays;

    /** @param fineDays for each that is as bad as said; with some, verbs come to their end */
    StormyStore(ObjectStore inner, long seed, Turns turns, int fineDays) {
        this.fineDays = fineDays;
        this.inner = inner;
        this.random = new Random(seed);
        this.turns = turns;
    }

    private Weather weather() {
        turns.take();
        int choice;
        synchronized (random) {
            choice = random.nextInt(100 * (1 + fineDays));
        }
        if (choice < 25) {
            return choice % 2 == 0 ? Weather.FAILED : Weather.LOST;
        }
        return choice < 55
                ? Weather.THROTTLED
                : choice < 60 ? Weather.SLOW : choice < 61 ? Weather.WRONG : Weather.FINE;
    }

    private void slowly() {
        for (int i = 0; i < SLOW_TURNS; i++) {
            turns.take();
        }
    }

    private static StoreUnreachableException gaveUp(String what) {
        return new StoreUnreachableException(what + " failed " + ATTEMPTS + " times", "try again in better weather");
    }

    private <T> T read(String what, Supplier<T> call, Damage<T> damage) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            switch (weather()) {
                case FINE -> {
                    return call.get();
                }
                case SLOW -> {
                    slowly();
                    return call.get();
                }
                case WRONG -> {
                    return damage.of(call.get());
                }
                case THROTTLED, FAILED, LOST -> {}
            }
        }
        throw gaveUp(what);
    }

    private interface Damage<T> {
        T of(T good);
    }

    private void flip(byte[] bytes, int offset, int length) {
        if (length > 0) {
            synchronized (random) {
                bytes[offset + random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
            }
        }
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body) {
        boolean maybe = false;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Weather weather = weather();
            if (weather == Weather.LOST) {
                maybe |= inner.putIfAbsent(key, body) == PutOutcome.CREATED;
            } else if (weather != Weather.FAILED && weather != Weather.THROTTLED) {
                PutOutcome outcome = inner.putIfAbsent(key, body);
                return maybe && outcome == PutOutcome.EXISTS && same(key, body) ? PutOutcome.CREATED : outcome;
            }
        }
        if (maybe) {
            throw new OutcomeUnknownException("put of " + key + " got no answer", "look before doing it again");
        }
        throw new NotAppliedException("put of " + key + " failed", "do it again");
    }

    private boolean same(String key, Body body) {
        try (InputStream there = inner.get(key);
                InputStream mine = body.open()) {
            return Arrays.equals(there.readAllBytes(), mine.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public InputStream get(String key) {
        byte[] bytes = read(
                "get of " + key,
                () -> {
                    try (InputStream in = inner.get(key)) {
                        return in.readAllBytes();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                good -> {
                    flip(good, 0, good.length);
                    return good;
                });
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        read(
                "read of " + key,
                () -> {
                    inner.read(key, position, into, offset, length);
                    return length;
                },
                good -> {
                    flip(into, offset, length);
                    return good;
                });
    }

    @Override
    public OptionalLong size(String key) {
        return read("size of " + key, () -> inner.size(key), good -> good);
    }

    @Override
    public List<String> list(String prefix) {
        return read("list of " + prefix, () -> inner.list(prefix), good -> good);
    }

    @Override
    public void delete(String key) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Weather weather = weather();
            if (weather != Weather.FAILED && weather != Weather.THROTTLED) {
                inner.delete(key);
                if (weather != Weather.LOST) {
                    return;
                }
            }
        }
        throw new NotAppliedException("delete of " + key + " got no answer", "do it again");
    }
}
