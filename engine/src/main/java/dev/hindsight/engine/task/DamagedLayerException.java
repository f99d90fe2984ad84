package dev.hindsight.engine.task;

import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;

/**
 * What a shard was to be compared with is damaged or gone in the repository, and was so when it was read again. The shard
 * can be made by reading all of it from the nodes.
 */
final class DamagedLayerException extends HindsightException {
    private static final long serialVersionUID = 1L;

    private final String layer;

    /** @param layer key of the layer's shard manifest */
    DamagedLayerException(String layer, HindsightException cause) {
        super(
                "layer " + layer + " of the chain below is damaged: " + cause.getMessage(),
                "run 'hindsight verify' to see what is hurt, then begin a new chain with 'hindsight backup --kind full'",
                cause);
        this.layer = layer;
    }

    String layer() {
        return layer;
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.VERIFICATION_FAILED;
    }
}
