package dev.hindsight.engine.task;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.engine.source.ComponentCache;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesiser;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * What a worker keeps from task to task: the last few plan objects, clients of agents, and small components of the
 * plan's inputs. One thread, except {@link #agent}.
 */
final class WorkerState implements AutoCloseable {
    /** A run has one plan and one manifest; a few more cost little. */
    private static final int DOCUMENTS_KEPT = 4;

    /** Share of a task's scratch that kept components may take. */
    private static final int CACHE_SHARE = 8;

    private static final long CACHE_MAX_BYTES = 256L << 20;

    private final TaskContext context;
    private final TaskDocuments taskDocuments;
    private final Map<ObjectRef, Object> documents = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, AgentClient> agents = new HashMap<>();
    private ComponentCache cache;
    private String cachedPlan = "";
    private Semaphore streams = new Semaphore(1);

    WorkerState(TaskContext context) {
        this.context = context;
        this.taskDocuments = new TaskDocuments(context.store());
        this.cache = new ComponentCache(cacheDirectory(), 0);
    }

    ObjectStore store() {
        return context.store();
    }

    TaskDocuments documents() {
        return taskDocuments;
    }

    Synthesiser synthesiser() {
        return context.synthesiser();
    }

    Clock clock() {
        return context.clock();
    }

    Path scratch() {
        return context.scratch();
    }

    /** A document that many tasks refer to: read and verified once. */
    <T extends Record> T shared(ObjectRef ref, Class<T> type) {
        Object known = documents.get(ref);
        if (known != null) {
            return type.cast(known);
        }
        T loaded = taskDocuments.load(ref, type);
        documents.put(ref, loaded);
        if (documents.size() > DOCUMENTS_KEPT) {
            documents.remove(documents.keySet().iterator().next());
        }
        return loaded;
    }

    /** The client for an agent by its address; made once, closed with this. */
    synchronized AgentClient agent(String address) {
        return agents.computeIfAbsent(address, context.agents());
    }

    /** Kept components of one plan's inputs; those of another plan are dropped. */
    ComponentCache cacheFor(String planKey, long scratchBytesPerTask) {
        if (!cachedPlan.equals(planKey)) {
            cache.close();
            cache = new ComponentCache(cacheDirectory(), Math.min(CACHE_MAX_BYTES, scratchBytesPerTask / CACHE_SHARE));
            cachedPlan = planKey;
        }
        return cache;
    }

    /** How many reads from agents this worker may have under way for a plan. */
    Semaphore streams(int wanted) {
        int permits = Math.max(1, wanted);
        if (streams.availablePermits() != permits) {
            streams = new Semaphore(permits);
        }
        return streams;
    }

    @Override
    public synchronized void close() {
        cache.close();
        ScratchDirectory.deleteTree(cacheDirectory());
        agents.values().forEach(AgentClient::close);
        agents.clear();
    }

    private Path cacheDirectory() {
        return context.scratch().resolve("components");
    }
}
