package dev.hindsight.testkit.fake;

import dev.hindsight.cluster.CdcRoom;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.DdlStatement;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cluster that exists only as its ring, its schema and its nodes' {@link DirectoryAgent}s. It understands the DDL that a
 * restore sends, keeps it, and gives new tables an id and a directory on every node. Safe for several threads.
 */
public final class FakeCluster implements LiveCluster {
    private static final Pattern ID = Pattern.compile("(?i)\\bID\\s*=\\s*([0-9a-f-]{36})");
    private static final Pattern REPLICATION = Pattern.compile("(?i)replication\\s*=\\s*\\{([^}]*)}");
    private static final Pattern ENTRY = Pattern.compile("'([^']*)'\\s*:\\s*'?([^',}]*)'?");
    private static final int GC_GRACE_SECONDS = 864_000;

    private final String name;
    private final List<DirectoryAgent> agents = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, KeyspaceSchema> keyspaces = new TreeMap<>();
    /** By host and table. */
    private final Map<UUID, Map<UUID, Integer>> truncations = new HashMap<>();

    private final Path root;
    private final List<String> executed = new ArrayList<>();

    private FakeCluster(String name, Path root) {
        this.name = name;
        this.root = root;
    }

    /**
     * Nodes with one token each, evenly spread, all in one rack.
     *
     * @param root gets a directory per node
     */
    public static FakeCluster create(String name, Path root, int nodes) {
        FakeCluster cluster = new FakeCluster(name, root);
        long step = Long.divideUnsigned(-1L, nodes);
        for (int i = 0; i < nodes; i++) {
            UUID hostId = UUID.nameUUIDFromBytes((name + i).getBytes(StandardCharsets.UTF_8));
            Node node = cluster.node(hostId, i + 1, Long.MIN_VALUE + 1 + i * step);
            cluster.join(node);
            cluster.nodes.add(node);
        }
        return cluster;
    }

    /** A node that could be of this cluster. */
    public Node node(UUID hostId, int number, long token) {
        return new Node(hostId, "127.0.0." + number + ":9042", "dc1", "r1", List.of(token), "5.0.9", true);
    }

    /** Makes a node's agent, with a directory for every table. The ring is changed by {@link #setNodes}. */
    public synchronized DirectoryAgent join(Node node) {
        int port = node.address().indexOf(':');
        String number = node.address().substring(node.address().lastIndexOf('.') + 1, port);
        DirectoryAgent agent = new DirectoryAgent(root.resolve("node" + number), node.hostId(), name);
        agents.add(agent);
        keyspaces
                .values()
                .forEach(keyspace -> keyspace.tables().forEach(facts -> agent.createTable(facts.name(), facts.id())));
        return agent;
    }

    /** The ring from now on; agents of nodes that are not in it are gone. */
    public synchronized void setNodes(List<Node> ring) {
        nodes.clear();
        nodes.addAll(ring);
        agents.removeIf(agent -> ring.stream().noneMatch(node -> node.hostId().equals(agent.hostId())));
    }

    public synchronized List<DirectoryAgent> agents() {
        return List.copyOf(agents);
    }

    /** Makes a table, or changes one of the same name, to exactly this. */
    public synchronized void putTable(TableFacts facts, String ddl) {
        KeyspaceSchema before = keyspace(facts.name().keyspace());
        List<SchemaElement> elements = new ArrayList<>(before.elements());
        elements.removeIf(element -> element.kind() == SchemaElement.Kind.TABLE
                && element.name().equals(facts.name().table()));
        elements.add(new SchemaElement(SchemaElement.Kind.TABLE, facts.name().table(), "", ddl));
        List<TableFacts> tables = new ArrayList<>(before.tables());
        tables.removeIf(other -> other.name().equals(facts.name()));
        tables.add(facts);
        replace(before, elements, tables);
        agents.forEach(agent -> agent.createTable(facts.name(), facts.id()));
    }

    /** Every statement that was executed, in order. */
    public synchronized List<String> executed() {
        return List.copyOf(executed);
    }

    /** What DROP TABLE does, with no snapshot: the data go with the schema. */
    public synchronized void dropTable(TableName table) {
        UUID id = tableId(table)
                .orElseThrow(() -> new NotFoundException("no table " + table + " in " + name, "create it"));
        KeyspaceSchema before = keyspace(table.keyspace());
        keyspaces.put(
                table.keyspace(),
                new KeyspaceSchema(
                        before.name(),
                        before.replication(),
                        before.durableWrites(),
                        before.elements().stream()
                                .filter(element -> !element.table().equals(table.table())
                                        && !(element.kind() == SchemaElement.Kind.TABLE
                                                && element.name().equals(table.table())))
                                .toList(),
                        before.tables().stream()
                                .filter(facts -> !facts.name().equals(table))
                                .toList()));
        agents.forEach(agent -> agent.dropTable(table, id));
    }

    /** What TRUNCATE does, with no snapshot: the data go, and every node notes it. */
    public synchronized void truncateTable(TableName table) {
        UUID id = tableId(table)
                .orElseThrow(() -> new NotFoundException("no table " + table + " in " + name, "create it"));
        agents.forEach(agent -> truncations
                .computeIfAbsent(agent.hostId(), host -> new TreeMap<>())
                .merge(id, 1, Integer::sum));
        agents.forEach(agent -> agent.truncateTable(table, id));
    }

    @Override
    public synchronized Optional<Map<String, String>> replication(String keyspace) {
        return Optional.ofNullable(keyspaces.get(keyspace)).map(KeyspaceSchema::replication);
    }

    @Override
    public List<CdcRoom> cdcRooms() {
        return List.of();
    }

    @Override
    public Optional<Duration> logDelay() {
        return Optional.of(Duration.ofMillis(100));
    }

    @Override
    public synchronized Map<UUID, Map<UUID, String>> truncations() {
        Map<UUID, Map<UUID, String>> out = new TreeMap<>();
        for (DirectoryAgent agent : agents) {
            Map<UUID, String> notes = new TreeMap<>();
            truncations.getOrDefault(agent.hostId(), Map.of()).forEach((table, times) -> notes.put(table, "0" + times));
            if (!agent.isOut()) {
                out.put(agent.hostId(), Map.copyOf(notes));
            }
        }
        return out;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized List<Ring> ringViews() {
        return List.of(new Ring(name, Ring.MURMUR3, nodes));
    }

    @Override
    public synchronized List<KeyspaceSchema> schema() {
        return List.copyOf(keyspaces.values());
    }

    @Override
    public synchronized Optional<UUID> schemaVersion() {
        return Optional.of(UUID.nameUUIDFromBytes(keyspaces.toString().getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public synchronized void executeDdl(String text) {
        DdlStatement statement = DdlStatement.parse(text);
        switch (statement.kind()) {
            case KEYSPACE -> createKeyspace(statement, text);
            case TABLE -> createTable(statement);
            case ALTER_TABLE -> alterTable(statement);
            case TYPE -> add(statement, SchemaElement.Kind.TYPE);
            case FUNCTION -> add(statement, SchemaElement.Kind.FUNCTION);
            case AGGREGATE -> add(statement, SchemaElement.Kind.AGGREGATE);
            case INDEX -> add(statement, SchemaElement.Kind.INDEX);
            case VIEW -> add(statement, SchemaElement.Kind.VIEW);
        }
        executed.add(text);
    }

    private void createKeyspace(DdlStatement statement, String text) {
        if (keyspaces.containsKey(statement.name())) {
            throw exists("keyspace " + statement.name());
        }
        Matcher map = REPLICATION.matcher(text);
        if (!map.find()) {
            throw new IllegalArgumentException("no replication in: " + text);
        }
        Map<String, String> replication = new HashMap<>();
        for (Matcher entry = ENTRY.matcher(map.group(1)); entry.find(); ) {
            replication.put(entry.group(1), entry.group(2).trim());
        }
        keyspaces.put(statement.name(), new KeyspaceSchema(statement.name(), replication, true, List.of(), List.of()));
    }

    private void createTable(DdlStatement statement) {
        TableName table = new TableName(statement.keyspace(), statement.name());
        String ddl = statement.toString();
        Matcher given = ID.matcher(ddl);
        boolean hasId = given.find();
        UUID id = hasId
                ? UUID.fromString(given.group(1))
                : UUID.nameUUIDFromBytes((table + " " + executed.size()).getBytes(StandardCharsets.UTF_8));
        String withId = hasId ? ddl : identified(ddl, id);
        add(statement.keyspace(), new SchemaElement(SchemaElement.Kind.TABLE, table.table(), "", ended(withId)));
        KeyspaceSchema now = keyspace(table.keyspace());
        List<TableFacts> facts = new ArrayList<>(now.tables());
        facts.add(new TableFacts(table, id, GC_GRACE_SECONDS, false, false));
        replace(now, now.elements(), facts);
        agents.forEach(agent -> agent.createTable(table, id));
    }

    private static String identified(String ddl, UUID id) {
        String bare = ddl.strip().replaceFirst(";\\s*$", "");
        Matcher with = Pattern.compile("(?is)\\)\\s*WITH\\s").matcher(bare);
        return with.find()
                ? bare.substring(0, with.end()) + "ID = " + id + " AND " + bare.substring(with.end())
                : bare + " WITH ID = " + id;
    }

    private void alterTable(DdlStatement statement) {
        KeyspaceSchema now = keyspace(statement.keyspace());
        List<SchemaElement> elements = new ArrayList<>();
        for (SchemaElement element : now.elements()) {
            boolean meant =
                    element.kind() == SchemaElement.Kind.TABLE && element.name().equals(statement.name());
            elements.add(
                    meant
                            ? new SchemaElement(
                                    element.kind(), element.name(), "", element.ddl() + ended(statement.toString()))
                            : element);
        }
        replace(now, elements, now.tables());
    }

    private void add(DdlStatement statement, SchemaElement.Kind kind) {
        add(
                statement.keyspace(),
                new SchemaElement(kind, statement.name(), statement.baseTable(), ended(statement.toString())));
    }

    private void add(String keyspace, SchemaElement element) {
        KeyspaceSchema now = keyspace(keyspace);
        if (now.elements().stream()
                .anyMatch(
                        other -> other.kind() == element.kind() && other.name().equals(element.name()))) {
            throw exists(element.kind() + " " + keyspace + "." + element.name());
        }
        List<SchemaElement> elements = new ArrayList<>(now.elements());
        elements.add(element);
        elements.sort(Comparator.comparing(SchemaElement::kind));
        replace(now, elements, now.tables());
    }

    private void replace(KeyspaceSchema now, List<SchemaElement> elements, List<TableFacts> tables) {
        keyspaces.put(
                now.name(), new KeyspaceSchema(now.name(), now.replication(), now.durableWrites(), elements, tables));
    }

    private KeyspaceSchema keyspace(String keyspace) {
        KeyspaceSchema found = keyspaces.get(keyspace);
        if (found == null) {
            throw new ClusterUnreachableException(
                    "keyspace '" + keyspace + "' does not exist in " + name, "create it first");
        }
        return found;
    }

    private static String ended(String ddl) {
        String stripped = ddl.strip();
        return (stripped.endsWith(";") ? stripped : stripped + ";") + "\n";
    }

    private static AlreadyExistsException exists(String what) {
        return new AlreadyExistsException(what + " exists", "drop it, or take another name");
    }

    @Override
    public synchronized Optional<UUID> tableId(TableName table) {
        KeyspaceSchema found = keyspaces.get(table.keyspace());
        return found == null ? Optional.empty() : found.find(table.table()).map(TableFacts::id);
    }

    /** Judged by files: a table with an SSTable is not empty. */
    @Override
    public boolean isEmpty(TableName table) {
        UUID id = tableId(table).orElseThrow();
        return agents.stream().allMatch(agent -> agent.dataFiles(table, id).isEmpty());
    }

    @Override
    public void close() {}
}
