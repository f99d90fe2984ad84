package dev.hindsight.bench.synthesis.engine;

import java.util.Map;

/** Somebody who can be asked to merge and is measured at it. In the engine's own JVM; one thread. */
interface Engine {
    /**
     * Does what {@code job} says once.
     *
     * @return figures by name, those of {@link Figures}
     * @throws Exception anything; its text reaches the measuring side
     */
    Map<String, Long> run(Job job) throws Exception;
}
