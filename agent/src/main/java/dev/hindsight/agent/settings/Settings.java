package dev.hindsight.agent.settings;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.units.ByteSize;
import dev.hindsight.model.units.DurationText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One mapping of a configuration file while it is turned into a record: ask for every known key, then {@link #finish()}.
 *
 * <pre>{@code
 * Settings root = Settings.load(file);
 * Settings repository = root.section("repository");
 * Path directory = repository.path("directory");
 * repository.finish();
 * root.finish();
 * }</pre>
 *
 * A key that is there must have a value; relative paths are taken from the file's directory; sizes and durations carry
 * units. One thread.
 */
public final class Settings {
    /** A configuration is written by hand; more than this is some other file. */
    public static final long MAX_BYTES = 1024 * 1024;

    private final Path file;
    private final String path;
    private final YamlTree.Mapping mapping;
    private final TreeSet<String> known = new TreeSet<>();

    private Settings(Path file, String path, YamlTree.Mapping mapping) {
        this.file = file;
        this.path = path;
        this.mapping = mapping;
    }

    /** @throws UsageException when the file is missing, too large, not UTF-8 or not a strict YAML mapping */
    public static Settings load(Path file) {
        byte[] bytes;
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new UsageException(
                        file + ": " + size + " bytes are too large for a configuration file (limit "
                                + ByteSize.format(MAX_BYTES) + ")",
                        "check that this is the right file");
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UsageException(
                    file + ": there is no such configuration file",
                    "create it (docs/OPERATIONS.md has an example), or name another with -c",
                    e);
        } catch (IOException e) {
            throw new UsageException(
                    file + ": cannot be read: " + e.getClass().getSimpleName(),
                    "check that it is a file and readable for this user",
                    e);
        }
        return parse(file, bytes);
    }

    /** Reads {@code bytes} as if they had come from {@code file}. */
    public static Settings parse(Path file, byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UsageException(file + ": is not UTF-8 text", "save it as UTF-8", e);
        }
        return new Settings(file, "", YamlTree.parse(file.toString(), text));
    }

    public boolean has(String key) {
        known.add(key);
        return mapping.entries().containsKey(key);
    }

    /** {@code file:line} of a key, or of this section when the key is not there. */
    public String origin(String key) {
        YamlTree.Entry entry = mapping.entries().get(key);
        return file + ":" + (entry == null ? mapping.line() : entry.line());
    }

    /** A refusal of this key's value; to be thrown by the caller. */
    public UsageException refuse(String key, String what, String hint) {
        return new UsageException(origin(key) + ": " + name(key) + " " + what, hint);
    }

    public Optional<String> findText(String key) {
        return has(key) ? Optional.of(scalar(key, entry(key).value())) : Optional.empty();
    }

    public String text(String key) {
        return findText(key).orElseThrow(() -> missing(key));
    }

    public String text(String key, String otherwise) {
        return findText(key).orElse(otherwise);
    }

    public Optional<Path> findPath(String key) {
        return findText(key).map(this::resolve);
    }

    /** Relative paths are resolved against the directory of the configuration file. */
    public Path path(String key) {
        return resolve(text(key));
    }

    /** As {@link #path(String)}, and {@code otherwise} is resolved like it. */
    public Path path(String key, String otherwise) {
        return findPath(key).orElseGet(() -> resolve(otherwise));
    }

    /** {@code 64MiB}. */
    public long bytes(String key, long otherwise) {
        return parsed(key, ByteSize::parse).orElse(otherwise);
    }

    public Optional<Long> findBytes(String key) {
        return parsed(key, ByteSize::parse);
    }

    /** {@code 500ms}, {@code 90s}, {@code 5m}, {@code 2h}, {@code 30d}. */
    public Duration duration(String key, Duration otherwise) {
        return parsed(key, DurationText::parse).orElse(otherwise);
    }

    /** A whole number between the limits, both included. */
    public int number(String key, int least, int most, int otherwise) {
        return parsed(key, text -> parseNumber(text, least, most)).orElse(otherwise);
    }

    public boolean flag(String key, boolean otherwise) {
        return parsed(key, text -> {
                    if (!text.equals("true") && !text.equals("false")) {
                        throw new IllegalArgumentException("'" + text + "' is neither true nor false");
                    }
                    return text.equals("true");
                })
                .orElse(otherwise);
    }

    /** One of {@code values}, spelled exactly so. */
    public String choice(String key, List<String> values, String otherwise) {
        String text = text(key, otherwise);
        if (!values.contains(text)) {
            throw refuse(
                    key,
                    "is '" + text + "', which is none of " + String.join(", ", values),
                    DidYouMean.nearest(text, values)
                            .map(near -> "did you mean '" + near + "'?")
                            .orElse("use one of " + String.join(", ", values)));
        }
        return text;
    }

    /** A list of texts; empty when the key is not there. */
    public List<String> texts(String key) {
        if (!has(key)) {
            return List.of();
        }
        YamlTree.Node value = entry(key).value();
        if (!(value instanceof YamlTree.Sequence sequence)) {
            throw refuse(key, "must be a list", "write " + key + ": [one, two]");
        }
        List<String> out = new ArrayList<>();
        for (YamlTree.Node item : sequence.items()) {
            out.add(scalar(key, item));
        }
        return List.copyOf(out);
    }

    /** A secret by reference; plain text is refused, and not repeated in the message. */
    public Optional<SecretRef> findSecret(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        if (!(entry(key).value() instanceof YamlTree.Mapping)) {
            throw refuse(
                    key,
                    "holds a plain value; secrets are accepted by reference only",
                    "write " + key + ": {env: VARIABLE} or " + key + ": {file: PATH}");
        }
        Settings reference = section(key);
        Optional<String> variable = reference.findText("env");
        Optional<Path> secretFile = reference.findPath("file");
        reference.finish();
        if (variable.isPresent() == secretFile.isPresent()) {
            throw refuse(
                    key,
                    "must name exactly one of env and file",
                    "write " + key + ": {env: VARIABLE} or " + key + ": {file: PATH}");
        }
        String origin = origin(key);
        return variable.<SecretRef>map(name -> new SecretRef.FromEnvironment(name, origin))
                .or(() -> secretFile.map(where -> new SecretRef.FromFile(where, origin)));
    }

    public SecretRef secret(String key) {
        return findSecret(key).orElseThrow(() -> missing(key));
    }

    /** A nested mapping; an empty one when the key is not there. */
    public Settings section(String key) {
        return findSection(key)
                .orElseGet(() -> new Settings(file, name(key), new YamlTree.Mapping(Map.of(), mapping.line())));
    }

    public Optional<Settings> findSection(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        if (!(entry(key).value() instanceof YamlTree.Mapping nested)) {
            throw refuse(key, "must be a section", "write its keys indented on the following lines");
        }
        return Optional.of(new Settings(file, name(key), nested));
    }

    /** A mapping whose keys are names of the user's choice, each holding a section. */
    public Map<String, Settings> sections(String key) {
        Map<String, Settings> out = new LinkedHashMap<>();
        findSection(key).ifPresent(parent -> {
            for (String name : parent.mapping.entries().keySet()) {
                out.put(name, parent.section(name));
            }
        });
        return out;
    }

    /**
     * Says that every known key has been asked for.
     *
     * @throws UsageException for the first key that was not
     */
    public void finish() {
        for (Map.Entry<String, YamlTree.Entry> given : mapping.entries().entrySet()) {
            if (!known.contains(given.getKey())) {
                throw new UsageException(
                        file + ":" + given.getValue().line() + ": unknown key '" + given.getKey() + "'"
                                + (path.isEmpty() ? "" : " in " + path),
                        DidYouMean.nearest(given.getKey(), known)
                                .map(near -> "did you mean '" + near + "'?")
                                .orElse("known here: " + String.join(", ", known)));
            }
        }
    }

    private static int parseNumber(String text, int least, int most) {
        int value;
        try {
            value = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number", e);
        }
        if (value < least || value > most) {
            throw new IllegalArgumentException(text + " is not between " + least + " and " + most);
        }
        return value;
    }

    private <T> Optional<T> parsed(String key, Function<String, T> parser) {
        return findText(key).map(text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw new UsageException(
                        origin(key) + ": " + name(key) + ": " + e.getMessage(), "correct the value", e);
            }
        });
    }

    private String scalar(String key, YamlTree.Node value) {
        if (!(value instanceof YamlTree.Scalar scalar)) {
            throw refuse(key, "must be a single value", "write " + key + ": VALUE");
        }
        if (scalar.isNull() || scalar.text().isBlank()) {
            throw refuse(key, "has no value", "give one, or remove the key");
        }
        return scalar.text();
    }

    private YamlTree.Entry entry(String key) {
        YamlTree.Entry entry = mapping.entries().get(key);
        if (entry == null) {
            throw missing(key);
        }
        return entry;
    }

    private UsageException missing(String key) {
        return new UsageException(
                file + ":" + mapping.line() + ": " + name(key) + " is missing", "add '" + key + ": ...'");
    }

    private String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private Path resolve(String text) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? Path.of(text) : parent.resolve(text).normalize();
    }
}
