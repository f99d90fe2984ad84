package dev.hindsight.operations;

import dev.hindsight.engine.ShardEngine;
import java.nio.file.Path;

/** Makes the engine of one run: worker processes for the command line, in process for tests. */
public interface EngineFactory {
    /** @param scratch an existing directory of this run alone; who called removes it after closing the engine */
    ShardEngine open(int workers, Path scratch);
}
