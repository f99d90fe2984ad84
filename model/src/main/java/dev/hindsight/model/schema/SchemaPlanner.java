package dev.hindsight.model.schema;

import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.RestoreSchema.Phase;
import dev.hindsight.model.schema.RestoreSchema.Request;
import dev.hindsight.model.schema.RestoreSchema.Step;
import dev.hindsight.model.schema.SchemaElement.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One run of {@link RestoreSchema#plan}. One thread. */
final class SchemaPlanner {
    /** Cassandra's limits: {@code SchemaConstants.NAME_LENGTH} and {@code TABLE_NAME_LENGTH} of 5.0.9. */
    private static final int LONGEST_KEYSPACE = 48;

    private static final int LONGEST_TABLE = 222;
    /** Of a made-up index name; it becomes part of file names. */
    private static final int LONGEST_INDEX = 48;

    private final Request request;
    private final KeyspaceSchema source;
    private final TargetElements target;
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, String> tables = new TreeMap<>();
    private final Set<String> existing = new TreeSet<>();
    private final List<String> refused = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Set<String> optionsLeftOut = new TreeSet<>();

    SchemaPlanner(Request request) {
        this.request = request;
        this.source = request.source();
        this.target = new TargetElements(request.target());
    }

    RestoreSchema.Result plan() {
        chooseTables();
        keyspace();
        NeededElements needed = new NeededElements(source, tables.keySet(), request.wantsAll());
        needed.types().forEach(this::type);
        needed.functions().forEach(this::function);
        chosen(Kind.TABLE).forEach(this::table);
        Set<String> taken = new HashSet<>(target.names(Kind.INDEX));
        chosen(Kind.INDEX).forEach(element -> index(element, taken));
        chosen(Kind.VIEW).forEach(this::view);
        if (!optionsLeftOut.isEmpty()) {
            notes.add("table options that the target does not take are left out: " + String.join(", ", optionsLeftOut));
        }
        return new RestoreSchema.Result(steps, tables, existing, refused, notes);
    }

    private List<SchemaElement> chosen(Kind kind) {
        return source.elements().stream()
                .filter(element -> element.kind() == kind)
                .filter(element -> tables.containsKey(kind == Kind.TABLE ? element.name() : element.table()))
                .toList();
    }

    private void chooseTables() {
        Set<String> known = new TreeSet<>();
        source.tables().forEach(facts -> known.add(facts.name().table()));
        for (String table : new TreeSet<>(request.wantsAll() ? known : request.tables())) {
            if (!known.contains(table)) {
                refused.add("keyspace " + source.name() + " of the backup has no table " + table);
                continue;
            }
            String name = request.targetName(table);
            checkName("table", name, LONGEST_TABLE);
            if (tables.containsValue(name)) {
                refused.add("two tables would both be called " + request.keyspace() + "." + name);
            }
            tables.put(table, name);
        }
        for (String renamed : new TreeSet<>(request.tableNames().keySet())) {
            if (!tables.containsKey(renamed)) {
                refused.add("table " + renamed + " is to be renamed but not to be restored");
            }
        }
    }

    private void checkName(String what, String name, int longest) {
        if (!name.matches("\\w+") || name.length() > longest) {
            refused.add(what + " name '" + name + "' is not possible: Cassandra takes letters, digits and _, at most "
                    + longest);
        }
    }

    private void keyspace() {
        Map<String, String> wanted = request.replication().orElse(source.replication());
        Replication replication;
        try {
            replication = Replication.parse(wanted);
        } catch (IllegalArgumentException e) {
            refused.add("keyspace " + request.keyspace() + ": " + e.getMessage());
            return;
        }
        Optional<KeyspaceSchema> there = request.target();
        if (there.isPresent()) {
            if (request.replication().isPresent() && !target.isReplicatedAs(replication)) {
                refused.add("keyspace " + request.keyspace() + " exists with replication "
                        + new TreeMap<>(there.get().replication()) + ", another was asked for: "
                        + replication.asCql());
            }
            return;
        }
        checkName("keyspace", request.keyspace(), LONGEST_KEYSPACE);
        if (replication instanceof Replication.Local) {
            refused.add("keyspace " + request.keyspace() + " would have LocalStrategy");
        }
        steps.add(new Step(
                Optional.empty(),
                request.keyspace(),
                DdlStatement.createKeyspace(request.keyspace(), wanted, source.durableWrites()),
                Phase.BEFORE_IMPORT));
    }

    private void type(SchemaElement element) {
        DdlStatement statement = moved(element.ddl());
        Optional<DdlStatement> there = target.find(Kind.TYPE, element.name());
        if (there.isEmpty()) {
            add(Kind.TYPE, element.name(), statement, Phase.BEFORE_IMPORT);
            return;
        }
        List<String> mine = TargetElements.fields(statement);
        List<String> theirs = TargetElements.fields(there.get());
        if (theirs.size() < mine.size() || !theirs.subList(0, mine.size()).equals(mine)) {
            refused.add("type " + request.keyspace() + "." + element.name() + " exists with other fields: " + theirs
                    + " instead of " + mine);
        } else if (theirs.size() > mine.size()) {
            notes.add("type " + element.name() + " has fields in the target that the backup does not know: "
                    + theirs.subList(mine.size(), theirs.size()) + "; they will be null");
        }
    }

    private void function(SchemaElement element) {
        DdlStatement statement = moved(element.ddl());
        Optional<DdlStatement> there = target.find(element.kind(), element.name());
        if (there.isEmpty()) {
            add(element.kind(), element.name(), statement, Phase.BEFORE_IMPORT);
        } else if (!there.get().canonical().equals(statement.canonical())) {
            notes.add(TargetElements.word(element.kind()) + " " + element.name()
                    + " exists with another definition and is left as it is");
        }
    }

    private void table(SchemaElement element) {
        String name = request.targetName(element.name());
        List<DdlStatement> statements = new ArrayList<>();
        for (String one : DdlStatement.split(element.ddl())) {
            statements.add(supported(moved(one).named(name).withoutId()));
        }
        if (target.find(Kind.VIEW, name).isPresent()) {
            refused.add(request.keyspace() + "." + name + " is a materialized view in the target");
            return;
        }
        List<DdlStatement> missing = statements;
        List<DdlStatement> there = target.table(name);
        if (!there.isEmpty()) {
            existing.add(name);
            missing = missingOf(name, statements, there);
        }
        missing.forEach(statement -> add(Kind.TABLE, name, statement, Phase.BEFORE_IMPORT));
    }

    /** The ALTER statements that an interrupted restore has not yet run; none when the tables are alike. */
    private List<DdlStatement> missingOf(String name, List<DdlStatement> wanted, List<DdlStatement> there) {
        List<DdlStatement> left = new ArrayList<>(wanted.subList(1, wanted.size()));
        Set<String> theirs = new HashSet<>();
        there.subList(1, there.size()).forEach(statement -> theirs.add(statement.canonical()));
        left.removeIf(statement -> theirs.remove(statement.canonical()));
        boolean onTheWay = theirs.isEmpty()
                && TableShape.created(wanted.get(0))
                        .differencesTo(TableShape.created(there.get(0)))
                        .isEmpty();
        if (onTheWay) {
            return left;
        }
        List<String> differences = TableShape.of(there).differencesTo(TableShape.of(wanted));
        if (!differences.isEmpty()) {
            refused.add("table " + request.keyspace() + "." + name + " exists and is another one: "
                    + String.join(", ", differences));
        }
        return List.of();
    }

    private void index(SchemaElement element, Set<String> taken) {
        DdlStatement statement = moved(element.ddl()).onTable(request.targetName(element.table()));
        if (target.hasIndexLike(statement)) {
            return;
        }
        String name = element.name();
        if (taken.contains(name)) {
            name = freeName(statement.baseTable() + "_" + name, taken);
            notes.add("index " + element.name() + " is called " + name + ", because the keyspace has one of that name");
        }
        taken.add(name);
        add(Kind.INDEX, name, statement.named(name), Phase.BEFORE_IMPORT);
    }

    private static String freeName(String wanted, Set<String> taken) {
        String name = wanted.length() <= LONGEST_INDEX ? wanted : wanted.substring(0, LONGEST_INDEX);
        for (int number = 2; taken.contains(name); number++) {
            String suffix = "_" + number;
            name = wanted.substring(0, Math.min(wanted.length(), LONGEST_INDEX - suffix.length())) + suffix;
        }
        return name;
    }

    private void view(SchemaElement element) {
        String base = request.targetName(element.table());
        if (!base.equals(element.table())) {
            notes.add("view " + element.name() + " is not restored: its table " + element.table() + " is now called "
                    + base);
            return;
        }
        DdlStatement statement = supported(moved(element.ddl()).withoutId());
        if (!target.table(element.name()).isEmpty() || tables.containsValue(element.name())) {
            notes.add("view " + element.name() + " is not restored: there is a table of that name");
            return;
        }
        Optional<DdlStatement> there = target.find(Kind.VIEW, element.name());
        if (there.isEmpty()) {
            add(Kind.VIEW, element.name(), statement, Phase.AFTER_IMPORT);
        } else if (!TargetElements.sameView(there.get(), statement)) {
            notes.add("view " + element.name() + " exists with another definition and is left as it is");
        }
    }

    private DdlStatement moved(String ddl) {
        return DdlStatement.parse(ddl).inKeyspace(request.keyspace());
    }

    private DdlStatement supported(DdlStatement statement) {
        statement.optionNames().stream()
                .filter(request.unsupportedOptions()::contains)
                .forEach(optionsLeftOut::add);
        return statement.withoutOptions(request.unsupportedOptions()::contains);
    }

    private void add(Kind kind, String name, DdlStatement statement, Phase phase) {
        steps.add(new Step(Optional.of(kind), name, statement.toString(), phase));
    }
}
