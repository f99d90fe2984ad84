package dev.hindsight.model.chain;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A restore point of one table that damage takes records from, and where to go instead.
 *
 * @param backup whose restore point it is
 * @param ranges what of the table cannot be had as it was
 * @param goodBefore the nearest earlier backup whose records of this table are all there; empty for none
 * @param goodAfter the nearest later one
 */
public record HurtPoint(
        TableName table,
        String backup,
        Instant at,
        TokenRanges ranges,
        Optional<String> goodBefore,
        Optional<String> goodAfter) {
    /**
     * One restore point of a table, and what it is made up of.
     *
     * @param <S> what names a stored shard
     */
    public record Point<S>(String backup, Instant at, ChainLayers<S> layers) {}

    /**
     * A stored shard is part of every later restore point up to the next whole one over its ranges, so one damaged object
     * may hurt many.
     *
     * @param points of the table, in the order of their instants
     * @param broken whether a stored shard lacks anything
     */
    public static <S> List<HurtPoint> of(TableName table, List<Point<S>> points, Predicate<S> broken) {
        List<TokenRanges> hurt =
                points.stream().map(point -> hurt(point.layers(), broken)).toList();
        List<HurtPoint> out = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            if (!hurt.get(i).isEmpty()) {
                Point<S> point = points.get(i);
                out.add(new HurtPoint(
                        table,
                        point.backup(),
                        point.at(),
                        hurt.get(i),
                        nearestGood(points, hurt, i, -1),
                        nearestGood(points, hurt, i, 1)));
            }
        }
        return out;
    }

    private static <S> TokenRanges hurt(ChainLayers<S> layers, Predicate<S> broken) {
        TokenRanges out = layers.missing();
        for (ChainLayers.Layer<S> layer : layers.layers()) {
            out = broken.test(layer.shard()) ? out.union(layer.ranges()) : out;
        }
        return out;
    }

    private static <S> Optional<String> nearestGood(List<Point<S>> points, List<TokenRanges> hurt, int from, int step) {
        for (int i = from + step; i >= 0 && i < points.size(); i += step) {
            if (hurt.get(i).isEmpty()) {
                return Optional.of(points.get(i).backup());
            }
        }
        return Optional.empty();
    }
}
