package dev.hindsight.engine.task;

import dev.hindsight.engine.source.Fetches;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.LocalDisk;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.digest.DigestingInputStream;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.ShardManifest.Layer;
import dev.hindsight.repository.document.StoredLayer;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.chain.LayerBelow;
import dev.hindsight.synthesis.fingerprint.FingerprintReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stored layers below an incremental shard, with their fingerprints brought to scratch. One thread. */
final class LayersBelow {
    private static final Logger LOG = LoggerFactory.getLogger(LayersBelow.class);

    private static final int BUFFER_BYTES = 1 << 16;

    private final WorkerState state;
    private final Fetches fetches;
    private final Path directory;
    private final Scratch scratch;
    private final List<StoredLayers.Layer> opened = new ArrayList<>();
    private long fingerprintBytes;

    /** @param fetches of these layers alone */
    LayersBelow(WorkerState state, Fetches fetches, Path directory, Scratch scratch) {
        this.state = state;
        this.fetches = fetches;
        this.directory = directory;
        this.scratch = scratch;
    }

    /** Read of the repository so far. */
    long bytes() {
        return fetches.totalBytes() + fingerprintBytes;
    }

    /**
     * The layers that a plan names, as far as they have something in {@code wanted}.
     *
     * @throws DamagedLayerException a layer's manifest is damaged or gone
     */
    List<LayerBelow> open(List<StoredLayer> planned, UUID tableId, TokenRanges wanted) {
        for (StoredLayer layer : planned) {
            try {
                opened.addAll(StoredLayers.of(state.documents(), List.of(layer), tableId, wanted)
                        .layers());
            } catch (CorruptException | NotFoundException e) {
                throw new DamagedLayerException(layer.shard().key(), e);
            }
        }
        return open(new StoredLayers(opened));
    }

    /** What a failed merge tells of these layers; empty when it failed over something else. */
    Optional<DamagedLayerException> damaged(HindsightException failure) {
        if (failure instanceof DamagedLayerException known) {
            return Optional.of(known);
        }
        if (failure instanceof CorruptInputException corrupt) {
            return layerOf(corrupt.origin()).map(layer -> new DamagedLayerException(layer, corrupt));
        }
        for (Map.Entry<String, HindsightException> lost : fetches.lost().entrySet()) {
            HindsightException why = lost.getValue();
            Optional<String> layer = layerOf(lost.getKey());
            if (layer.isPresent() && (why instanceof CorruptException || why instanceof NotFoundException)) {
                return Optional.of(new DamagedLayerException(layer.get(), why));
            }
        }
        return Optional.empty();
    }

    private Optional<String> layerOf(String origin) {
        return opened.stream()
                .filter(layer -> layer.shard().sstables().stream()
                        .anyMatch(sstable -> StoredInputs.origin(sstable).equals(origin)))
                .map(layer -> layer.ref().key())
                .findFirst();
    }

    private List<LayerBelow> open(StoredLayers layers) {
        List<LayerBelow> out = new ArrayList<>();
        for (StoredLayers.Layer layer : layers.layers()) {
            ShardManifest shard = layer.shard();
            Optional<Layer> facts = shard.layer();
            StoredLayers alone = new StoredLayers(List.of(layer));
            Path file = directory.resolve("fingerprints-" + out.size());
            out.add(new LayerBelow(
                    layer.ref().key(),
                    !shard.incremental(),
                    layer.ranges(),
                    facts.map(Layer::maxTimestampMicros).orElse(Long.MAX_VALUE),
                    facts.flatMap(Layer::fingerprints).flatMap(ref -> fetch(ref, file)),
                    ranges -> open(alone, ranges)));
        }
        return out;
    }

    private List<InputSSTable> open(StoredLayers layer, TokenRanges ranges) {
        return layer.open(state.store(), ranges, fetches, Optional.empty());
    }

    /** Without its fingerprints a layer is read, so that damaged ones cost time and nothing else. */
    private Optional<Path> fetch(ObjectRef ref, Path to) {
        try {
            scratch.reserve(ref.sizeBytes());
            copy(ref, to);
            FingerprintReader.open(to, ref.key()).close();
            return Optional.of(to);
        } catch (CorruptException | NotFoundException e) {
            LOG.warn("fingerprints cannot be used, rows are compared instead problem={}", e.getMessage());
            return Optional.empty();
        }
    }

    /** @throws CorruptException the object is not what its reference says */
    void copy(ObjectRef ref, Path to) {
        try (DigestingInputStream in = new DigestingInputStream(state.store().get(ref.key()));
                OutputStream out = Files.newOutputStream(to)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            long copied = 0;
            int n = in.read(buffer, 0, buffer.length);
            while (n >= 0 && copied + n <= ref.sizeBytes()) {
                out.write(buffer, 0, n);
                copied += n;
                n = in.read(buffer, 0, buffer.length);
            }
            fingerprintBytes += copied;
            if (n >= 0 || copied != ref.sizeBytes() || !in.digest().equals(ref.digest())) {
                throw new CorruptException(
                        "object " + ref.key() + " is not what its reference says, " + ref.sizeBytes()
                                + " bytes with digest " + ref.digest(),
                        "run 'hindsight verify' to see all that is damaged");
            }
        } catch (IOException e) {
            throw LocalDisk.notWritten("object " + ref.key() + ", copied to", to, e);
        }
    }
}
