package dev.hindsight.testkit.fault;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.store.ObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One counter over all calls that a run makes of the store, the agents and the cluster. From a chosen call on nothing works
 * any more, as when the process is cut off from the world; or only that one call fails, as when a connection breaks once.
 * A test runs once to count, then once for each number:
 *
 * <pre>{@code
 * for (int n = 1; n <= calls; n++) {
 *     cutter.cutFrom(n);          // or cutAfter(n): call n is done, its answer lost
 *     run expecting failure; cutter.heal(); run again; assert
 * }
 * }</pre>
 *
 * Safe for several threads; numbers are given in the order in which calls arrive.
 */
public final class CallCutter {
    // No calls to the outside.
    private static final Set<String> UNCOUNTED =
            Set.of("address", "location", "name", "close", "hashCode", "equals", "toString");

    private final List<String> log = new ArrayList<>();
    private int cut = Integer.MAX_VALUE;
    private boolean lastOneDone;
    private boolean once;
    private boolean interrupting;
    private Runnable meanwhile = () -> {};

    public ObjectStore over(ObjectStore store) {
        return over(ObjectStore.class, store);
    }

    public AgentClient over(AgentClient agent) {
        return over(AgentClient.class, agent);
    }

    public LiveCluster over(LiveCluster cluster) {
        return over(LiveCluster.class, cluster);
    }

    /** Call {@code number}, counted from 1, and all later ones fail before they do anything. */
    public synchronized void cutFrom(int number) {
        cut = number;
        lastOneDone = false;
        once = false;
    }

    /** Call {@code number} alone fails before it does anything; all others work. */
    public synchronized void failOnly(int number) {
        cutFrom(number);
        once = true;
    }

    /** Call {@code number} alone is carried out but its caller gets a failure; all others work. */
    public synchronized void loseOnly(int number) {
        cutAfter(number);
        once = true;
    }

    /** Every call works, but just before call {@code number} somebody else does something. */
    public synchronized void before(int number, Runnable action) {
        failOnly(number);
        meanwhile = action;
        interrupting = true;
    }

    /** Call {@code number} is carried out but its caller gets a failure; all later ones do nothing. */
    public synchronized void cutAfter(int number) {
        cut = number;
        lastOneDone = true;
        once = false;
    }

    /** Everything works again; counts from 1 again. */
    public synchronized void heal() {
        cut = Integer.MAX_VALUE;
        once = false;
        interrupting = false;
        meanwhile = () -> {};
        log.clear();
    }

    /** Calls since the beginning or {@link #heal}. */
    public synchronized int calls() {
        return log.size();
    }

    /** {@code AgentClient.stage} and so on, in order: which call a number means. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    private enum Fate {
        NORMAL,
        DONE_UNHEARD,
        NOT_DONE,
        AFTER_SOMEBODY_ELSE
    }

    private synchronized Fate next(String call) {
        log.add(call);
        if (log.size() < cut || (once && log.size() > cut)) {
            return Fate.NORMAL;
        }
        if (interrupting) {
            return Fate.AFTER_SOMEBODY_ELSE;
        }
        return log.size() == cut && lastOneDone ? Fate.DONE_UNHEARD : Fate.NOT_DONE;
    }

    private synchronized Runnable action() {
        return meanwhile;
    }

    private <T> T over(Class<T> seam, T target) {
        Object proxy =
                Proxy.newProxyInstance(seam.getClassLoader(), new Class<?>[] {seam}, (self, method, arguments) -> {
                    Fate fate = UNCOUNTED.contains(method.getName())
                            ? Fate.NORMAL
                            : next(seam.getSimpleName() + "." + method.getName());
                    if (fate == Fate.NOT_DONE) {
                        throw cutOff(seam, method.getName());
                    }
                    if (fate == Fate.AFTER_SOMEBODY_ELSE) {
                        action().run();
                    }
                    try {
                        Object result = method.invoke(target, arguments);
                        if (fate == Fate.DONE_UNHEARD) {
                            throw cutOff(seam, method.getName());
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
        return seam.cast(proxy);
    }

    private HindsightException cutOff(Class<?> seam, String method) {
        String message = seam.getSimpleName() + "." + method + " was cut off";
        return seam == ObjectStore.class
                ? new StoreUnreachableException(message, "heal the cutter")
                : new ClusterUnreachableException(message, "heal the cutter");
    }
}
