package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.read.Section;
import dev.hindsight.synthesis.InputSSTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.partitions.UnfilteredPartitionIterator;
import org.apache.cassandra.db.rows.DeserializationHelper;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.SSTableSimpleIterator;
import org.apache.cassandra.io.util.RandomAccessReader;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * Reads the wanted sections of one input as partitions, one after the other and without the index. Checks what a merge
 * relies on: partitions in order and in the wanted ranges, sections ending where a partition ends; {@link InputPartition}
 * checks the rows. Every failure names the input. One thread.
 */
final class InputScanner implements UnfilteredPartitionIterator {
    private final OpenInput open;
    private final RandomAccessReader in;
    private final Iterator<Section> sections;
    private @Nullable Section section;
    private @Nullable InputPartition current;
    private @Nullable DecoratedKey lastKey;
    private long partitionStart;

    InputScanner(OpenInput open) {
        this(open, open.fetched().sections());
    }

    private InputScanner(OpenInput open, List<Section> sections) {
        this.open = open;
        this.in = open.handle().createReader();
        this.sections = sections.iterator();
    }

    /** A second look at the partition that this scanner stands at; null when it stands at another one than {@code key}. */
    @Nullable
    InputScanner again(DecoratedKey key) {
        if (current == null || section == null || !current.partitionKey().equals(key)) {
            return null;
        }
        // Its end is not known before it is read; the reader of a single partition never goes on to the next.
        return new InputScanner(open, List.of(new Section(partitionStart, section.end(), section.tokens())));
    }

    /** Where in the content of Data.db the partition begins that was given last. */
    long partitionStart() {
        return partitionStart;
    }

    InputSSTable input() {
        return open.input();
    }

    @Override
    public TableMetadata metadata() {
        return open.metadata();
    }

    @Override
    public boolean hasNext() {
        try {
            if (current != null) {
                current.exhaust();
                current = null;
            }
            if (section != null && in.getFilePointer() > section.end()) {
                throw Damage.of(
                        open.input(),
                        Components.DATA + ": a partition goes on past position " + section.end() + ", where the index "
                                + "says that the next begins; tokens " + section.tokens());
            }
            while (section == null || in.getFilePointer() == section.end()) {
                if (!sections.hasNext()) {
                    return false;
                }
                section = sections.next();
                in.seek(section.start());
            }
            return true;
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
    }

    @Override
    public UnfilteredRowIterator next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        try {
            partitionStart = in.getFilePointer();
            ByteBuffer bytes = ByteBufferUtil.readWithShortLength(in);
            DecoratedKey key = open.metadata().partitioner.decorateKey(bytes);
            if (lastKey != null && lastKey.compareTo(key) >= 0
                    || !open.input().ranges().contains((Long) key.getToken().getTokenValue())) {
                throw Damage.of(
                        open.input(),
                        Components.DATA + ": the partition at position " + partitionStart + " has token "
                                + key.getToken() + ", which is not in "
                                + open.input().ranges() + " or not after "
                                + (lastKey == null ? "the start" : lastKey.getToken()));
            }
            lastKey = key;
            DeletionTime deletion = DeletionTime.getSerializer(open.version()).deserialize(in);
            DeserializationHelper helper = new DeserializationHelper(
                    open.metadata(), open.version().correspondingMessagingVersion(), DeserializationHelper.Flag.LOCAL);
            SSTableSimpleIterator rows =
                    SSTableSimpleIterator.create(open.metadata(), in, open.header(), helper, deletion);
            current = new InputPartition(this, open, key, deletion, rows.readStaticRow(), rows);
            return current;
        } catch (IOException | RuntimeException | Error e) {
            throw failed(e);
        }
    }

    /** What to throw for a failure while reading near the current position. */
    RuntimeException failed(Throwable failure) {
        String where = Components.DATA + " near position " + in.getFilePointer()
                + (lastKey == null ? "" : ", token " + lastKey.getToken());
        return Damage.wrap(open.input(), where, failure);
    }

    @Override
    public void close() {
        in.close();
    }
}
