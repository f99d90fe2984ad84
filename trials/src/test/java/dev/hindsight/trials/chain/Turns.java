package dev.hindsight.trials.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Lets threads that work at the same time go one step each in an order that a seed gives: whoever calls {@link #take}
 * waits until it is chosen. A thread that is busy elsewhere for long (it waits for another one, or for time to pass) holds
 * nobody up. Safe for several threads; those that did not {@link #join} take no turns.
 */
final class Turns {
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LOOK_MILLIS = 5;

    private final Random random;
    private final List<Thread> players = new ArrayList<>();
    private final List<Thread> waiting = new ArrayList<>();
    private Optional<Thread> chosen = Optional.empty();

    Turns(long seed) {
        this.random = new Random(seed);
    }

    synchronized void join() {
        players.add(Thread.currentThread());
    }

    synchronized void leave() {
        players.remove(Thread.currentThread());
        notifyAll();
    }

    synchronized void take() {
        Thread me = Thread.currentThread();
        if (!players.contains(me)) {
            return;
        }
        waiting.add(me);
        notifyAll();
        long until = System.nanoTime() + PATIENCE_NANOS;
        try {
            while (chosen.filter(me::equals).isEmpty()) {
                boolean everybody = waiting.size() == players.size() || System.nanoTime() - until > 0;
                if (chosen.isEmpty() && everybody) {
                    chosen = Optional.of(waiting.get(random.nextInt(waiting.size())));
                    notifyAll();
                } else {
                    wait(LOOK_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            me.interrupt();
        } finally {
            waiting.remove(me);
            chosen = Optional.empty();
            notifyAll();
        }
    }
}
