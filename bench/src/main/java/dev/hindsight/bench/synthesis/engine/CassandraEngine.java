package dev.hindsight.bench.synthesis.engine;

import dev.hindsight.bench.synthesis.data.DataSet;
import dev.hindsight.bench.synthesis.data.InputMaker;
import dev.hindsight.model.SuppressForbidden;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.cql3.statements.schema.CreateTableStatement;
import org.apache.cassandra.db.ColumnFamilyStore;
import org.apache.cassandra.db.Digest;
import org.apache.cassandra.db.Keyspace;
import org.apache.cassandra.db.compaction.AbstractCompactionStrategy.ScannerList;
import org.apache.cassandra.db.compaction.ActiveCompactionsTracker;
import org.apache.cassandra.db.compaction.CompactionController;
import org.apache.cassandra.db.compaction.CompactionTask;
import org.apache.cassandra.db.compaction.OperationType;
import org.apache.cassandra.db.lifecycle.LifecycleTransaction;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.KeyspaceMetadata;
import org.apache.cassandra.schema.KeyspaceParams;
import org.apache.cassandra.schema.Schema;
import org.apache.cassandra.schema.SchemaTransformation;
import org.apache.cassandra.schema.SchemaTransformations;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.Tables;
import org.jspecify.annotations.Nullable;

/**
 * Merges with Cassandra's own compaction, offline, all on the calling thread, purging nothing. Compiled against 5.0.9; runs
 * on 6.0-alpha2, too, where the four calls that differ there are found by name.
 */
final class CassandraEngine implements Engine {
    private final EngineKind kind;
    private final Map<DataSet, ColumnFamilyStore> stores = new EnumMap<>(DataSet.class);

    CassandraEngine(EngineKind kind) {
        this.kind = kind;
        DatabaseDescriptor.toolInitialization(false);
        try {
            if (kind == EngineKind.CASSANDRA_6) {
                // The schema is a log of transformations there, and the cursor's writer asks guardrails, which tools
                // lack.
                call(null, "org.apache.cassandra.tcm.ClusterMetadataService", "initializeForTools", false);
                applyGuardrails();
                call(null, DatabaseDescriptor.class.getName(), "setCursorCompactionEnabled", true);
            }
            Keyspace.setInitialized();
            addTables();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this is not the Cassandra that was expected", e);
        }
    }

    @SuppressForbidden(reason = "6.0-alpha2 has no other way; not a class of the JDK")
    private static void applyGuardrails() throws ReflectiveOperationException {
        Method guardrails = DatabaseDescriptor.class.getDeclaredMethod("applyGuardrails");
        guardrails.setAccessible(true);
        guardrails.invoke(null);
    }

    private static @Nullable Object call(@Nullable Object on, String className, String method, Object argument)
            throws ReflectiveOperationException {
        for (Method one : Class.forName(className).getMethods()) {
            if (one.getName().equals(method) && one.getParameterCount() == 1) {
                return one.invoke(on, argument);
            }
        }
        throw new NoSuchMethodException(className + "." + method);
    }

    private void addTables() throws ReflectiveOperationException {
        List<TableMetadata> tables = new ArrayList<>();
        for (DataSet data : DataSet.values()) {
            tables.add(CreateTableStatement.parse(data.ddl(), DataSet.KEYSPACE).build());
        }
        SchemaTransformation add = SchemaTransformations.addKeyspace(
                KeyspaceMetadata.create(
                        DataSet.KEYSPACE, KeyspaceParams.simple(1), Tables.of(tables.toArray(new TableMetadata[0]))),
                true);
        Object schema = Schema.class.getField("instance").get(null);
        call(schema, schema.getClass().getName(), kind == EngineKind.CASSANDRA_6 ? "submit" : "transform", add);
    }

    private ColumnFamilyStore store(DataSet data) {
        return stores.computeIfAbsent(data, one -> {
            ColumnFamilyStore store =
                    Keyspace.openWithoutSSTables(DataSet.KEYSPACE).getColumnFamilyStore(one.id());
            store.disableAutoCompaction();
            return store;
        });
    }

    @Override
    public Map<String, Long> run(Job job) throws Exception {
        return switch (job.verb()) {
            case MAKE -> make(job);
            case MERGE -> merge(job);
            case COUNT -> count(job);
            case SHARDS_IN_TURN, SHARDS_AT_ONCE ->
                throw new UnsupportedOperationException(job.verb().name());
        };
    }

    private static Map<String, Long> make(Job job) throws IOException {
        Meter meter = new Meter();
        long rows = new InputMaker(job.data(), job.bytes(), job.seed()).make(job.inputs());
        Map<String, Long> figures = meter.figures();
        figures.put(Figures.ROWS, rows);
        return figures;
    }

    private Map<String, Long> merge(Job job) throws Exception {
        ColumnFamilyStore store = store(job.data());
        Path place = store.getDirectories().getDirectoryForNewSSTables().toPath();
        List<SSTableReader> inputs = open(job.inputs(), store);
        try {
            refuseIterators(store, inputs);
            System.gc();
            Meter meter = new Meter();
            compact(store, inputs);
            Map<String, Long> figures = meter.figures();
            Files.createDirectories(job.output());
            for (Path file : files(place, "")) {
                Files.move(file, job.output().resolve(file.getFileName()));
            }
            return figures;
        } finally {
            inputs.forEach(input -> input.selfRef().release());
        }
    }

    /** What its cursors cannot merge, 6.0 silently gives to its iterators, and those are not what is measured here. */
    private void refuseIterators(ColumnFamilyStore store, List<SSTableReader> inputs)
            throws ReflectiveOperationException {
        if (kind != EngineKind.CASSANDRA_6) {
            return;
        }
        try (CompactionController controller = new CompactionController(store, new HashSet<>(inputs), 0);
                ScannerList scanners = new ScannerList(
                        inputs.stream().map(SSTableReader::getScanner).toList())) {
            for (Method one : Class.forName("org.apache.cassandra.db.compaction.CursorCompactor")
                    .getMethods()) {
                if (one.getName().equals("isSupported")
                        && Boolean.TRUE.equals(one.invoke(null, scanners, controller))) {
                    return;
                }
            }
        }
        throw new UnsupportedOperationException("the cursor compaction refuses this table");
    }

    private static void compact(ColumnFamilyStore store, List<SSTableReader> inputs) throws Exception {
        try (LifecycleTransaction transaction = LifecycleTransaction.offline(OperationType.COMPACTION, inputs)) {
            for (Constructor<?> one : CompactionTask.class.getConstructors()) {
                if (one.getParameterCount() == 4) {
                    CompactionTask task = (CompactionTask) one.newInstance(store, transaction, 0L, true);
                    task.setUserDefined(true);
                    call(task, CompactionTask.class.getName(), "execute", ActiveCompactionsTracker.NOOP);
                    return;
                }
            }
        }
        throw new NoSuchMethodException("CompactionTask(store, transaction, gcBefore, keepOriginals)");
    }

    private static List<SSTableReader> open(Path directory, ColumnFamilyStore store) throws IOException {
        List<SSTableReader> out = new ArrayList<>();
        for (Path file : files(directory, "-Data.db")) {
            Descriptor descriptor =
                    Descriptor.fromFileWithComponent(new File(file), DataSet.KEYSPACE, store.getTableName()).left;
            out.add(SSTableReader.openNoValidation(descriptor, descriptor.discoverComponents(), store));
        }
        return out;
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(
                            file -> Files.isRegularFile(file) && file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private Map<String, Long> count(Job job) throws IOException {
        ColumnFamilyStore store = store(job.data());
        long partitions = 0;
        long rows = 0;
        long cells = 0;
        long markers = 0;
        Digest digest = Digest.forValidator();
        List<SSTableReader> outputs = open(job.output(), store);
        for (SSTableReader output : outputs) {
            try (ISSTableScanner scanner = output.getScanner()) {
                while (scanner.hasNext()) {
                    try (UnfilteredRowIterator partition = scanner.next()) {
                        partitions++;
                        digest.update(partition.partitionKey().getKey().duplicate());
                        partition.partitionLevelDeletion().digest(digest);
                        while (partition.hasNext()) {
                            Unfiltered next = partition.next();
                            next.digest(digest);
                            if (next.isRow()) {
                                rows++;
                                cells += ((Row) next).columnCount();
                            } else {
                                markers++;
                            }
                        }
                    }
                }
            } finally {
                output.selfRef().release();
            }
        }
        Map<String, Long> out = new LinkedHashMap<>();
        out.put(Figures.PARTITIONS, partitions);
        out.put(Figures.ROWS, rows);
        out.put(Figures.CELLS, cells);
        out.put(Figures.MARKERS, markers);
        out.put(Figures.DIGEST, ByteBuffer.wrap(digest.digest()).getLong());
        return out;
    }
}
