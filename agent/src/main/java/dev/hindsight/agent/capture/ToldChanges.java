package dev.hindsight.agent.capture;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** As the operating system tells them. */
final class ToldChanges implements FileChanges {
    private static final Logger LOG = LoggerFactory.getLogger(ToldChanges.class);

    private final @Nullable WatchService service;
    private final Map<Path, WatchKey> keys = new HashMap<>();
    private boolean warned;

    ToldChanges() {
        this.service = open();
    }

    private static @Nullable WatchService open() {
        try {
            return FileSystems.getDefault().newWatchService();
        } catch (IOException e) {
            LOG.warn(
                    "directories not watched cause={} hint=raise fs.inotify.max_user_instances for the agent's user",
                    e.toString());
            return null;
        }
    }

    @Override
    public boolean watch(Path directory) {
        if (service == null) {
            return false;
        }
        WatchKey before = keys.get(directory);
        if (before != null && before.isValid()) {
            return true;
        }
        try {
            keys.put(
                    directory,
                    directory.register(
                            service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE));
            return true;
        } catch (IOException e) {
            if (!warned) {
                warned = true;
                LOG.warn(
                        "directory not watched directory={} cause={} hint=raise fs.inotify.max_user_watches",
                        directory,
                        e.toString());
            }
            return false;
        }
    }

    @Override
    public void only(Set<Path> directories) {
        keys.entrySet().removeIf(one -> {
            boolean goes = !directories.contains(one.getKey());
            if (goes) {
                one.getValue().cancel();
            }
            return goes;
        });
    }

    /** How many directories it keeps something of. */
    int watched() {
        return keys.size();
    }

    @Override
    public Map<Path, Optional<List<Change>>> take() {
        Map<Path, Optional<List<Change>>> out = new HashMap<>();
        if (service == null) {
            return out;
        }
        WatchKey key = service.poll();
        while (key != null) {
            if (key.watchable() instanceof Path directory) {
                out.merge(directory, changes(key), ToldChanges::both);
                if (!key.reset()) {
                    // It is there no more.
                    keys.remove(directory, key);
                }
            }
            key = service.poll();
        }
        return out;
    }

    private static Optional<List<Change>> changes(WatchKey key) {
        List<Change> out = new ArrayList<>();
        for (WatchEvent<?> event : key.pollEvents()) {
            if (!(event.context() instanceof Path file)) {
                return Optional.empty();
            }
            out.add(new Change(event.kind() == StandardWatchEventKinds.ENTRY_CREATE, file.toString()));
        }
        return Optional.of(out);
    }

    private static Optional<List<Change>> both(Optional<List<Change>> first, Optional<List<Change>> then) {
        if (first.isEmpty() || then.isEmpty()) {
            return Optional.empty();
        }
        List<Change> out = new ArrayList<>(first.get());
        out.addAll(then.get());
        return Optional.of(out);
    }

    @Override
    public void close() {
        try {
            if (service != null) {
                service.close();
            }
        } catch (IOException e) {
            LOG.debug("watch not closed cause={}", e.toString());
        }
    }
}
