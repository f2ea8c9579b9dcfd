using System.Text.Json;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Api;

/// <summary>
/// Answers questions to the cache: by saying that the client's copy is still good, with a body that was kept, or with a new one. Which
/// version counts is said by a snapshot taken after the request came, so no answer is older than that. Nothing but the version, the question
/// and which nodes hide tasks (a part of the question for whoever keeps answers) goes into a body, not even the time of day.
/// </summary>
internal sealed class TaskAnswers(TaskStore store, Freshness freshness, AnswerCache kept)
{
    /// <summary>Writes a body; calls the function between rows of a long one.</summary>
    internal delegate Task Writing(Utf8JsonWriter json, CacheReader reader, TaskQuery query, HiddenNodes hidden, Func<Task> flush);

    /// <param name="context">The request.</param>
    /// <param name="keyOf">What tells this question from others.</param>
    /// <param name="write">Writes the body.</param>
    /// <param name="readAlready">A parameter that is none of the list's.</param>
    internal async Task AnswerAsync(HttpContext context, Func<TaskQuery, AnswerKey> keyOf, Writing write, string? readAlready = null)
    {
        TaskQuery query = TaskParameters.Parse(context.Request.Query.Where(part => part.Key != readAlready), out Dictionary<string, string> errors);
        if (errors.Count > 0)
        {
            await ApiError.BadParametersAsync(context, errors);
            return;
        }

        IReadOnlyCollection<Damage> damage;
        try
        {
            damage = await AnswerAsync(context, query, keyOf(query), write);
        }
        catch (CacheException error) when (error.Error == CacheError.WentBad && !context.Response.HasStarted)
        {
            // What went bad is known now, and is left out and named. An answer that was under way is broken off instead.
            context.Response.Clear();
            damage = await AnswerAsync(context, query, keyOf(query), write);
        }

        // The answer is out, and stays good whatever becomes of the report; what it met is fetched again in its own time.
        await context.Response.CompleteAsync();
        await store.ReportDamageAsync(damage);
    }

    /// <summary>Answers from a snapshot of now; the damage that was met.</summary>
    private async Task<IReadOnlyCollection<Damage>> AnswerAsync(HttpContext context, TaskQuery query, AnswerKey key, Writing write)
    {
        using CacheReader reader = store.Cache.Read();
        HiddenNodes hidden = freshness.Hiding;
        key = key.Beside(hidden.Version);
        await AnswerAsync(context, new Question(reader, query, hidden, key, kept.TagOf(reader.Version, key)), write);
        return reader.Damage;
    }

    private async Task AnswerAsync(HttpContext context, Question asked, Writing write)
    {
        HttpResponse response = context.Response;
        response.Headers.CacheControl = "private, no-cache";
        if (!asked.IsDamaged && kept.IsTrusted(asked.Version) && HasCopy(context.Request, asked.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            response.Headers.ETag = asked.Tag;
            return;
        }

        response.ContentType = "application/json";
        if (kept.Find(asked.Version, asked.Key) is not { } body)
        {
            await WriteAsync(context, asked, write);
            return;
        }

        response.Headers.ETag = asked.Tag;
        response.ContentLength = body.Length;
        await AnswerBody.SendAsync(response.BodyWriter, body, context.RequestAborted);
    }

    /// <summary>What met damage has no tag and is not kept: what could not be read now may be there the next time.</summary>
    private async Task WriteAsync(HttpContext context, Question asked, Writing write)
    {
        HttpResponse response = context.Response;
        using var body = new AnswerBody(response.BodyWriter);
        var json = new Utf8JsonWriter(body, TaskEndpoints.Json);
        await using (json)
        {
            await write(json, asked.Reader, asked.Query, asked.Hidden, async () =>
            {
                await json.FlushAsync(context.RequestAborted);
                if (!body.IsUnderWay && body.Held.Length <= AnswerCache.BodyBytesMax)
                    return;
                if (!response.HasStarted && !asked.IsDamaged)
                    response.Headers.ETag = asked.Tag;
                await body.SendAsync(context.RequestAborted);
            });
        }

        if (body.IsUnderWay)
        {
            if (asked.IsDamaged)
                kept.Distrust(asked.Version);
        }
        else
        {
            response.ContentLength = body.Held.Length;
            if (!asked.IsDamaged)
            {
                response.Headers.ETag = asked.Tag;
                kept.Keep(asked.Version, asked.Key, body.Held.ToArray());
            }
        }

        await body.SendAsync(context.RequestAborted);
    }

    /// <summary>Compared weakly, as RFC 9110 has it for this header: a proxy that compressed the answer has made the tag weak.</summary>
    private static bool HasCopy(HttpRequest request, string tag)
    {
        if (request.Headers.IfNoneMatch.Count == 0)
            return false;
        var own = new EntityTagHeaderValue(tag);
        return new RequestHeaders(request.Headers).IfNoneMatch.Any(copy => copy.Equals(EntityTagHeaderValue.Any) || copy.Compare(own, useStrongComparison: false));
    }

    private sealed record Question(CacheReader Reader, TaskQuery Query, HiddenNodes Hidden, AnswerKey Key, string Tag)
    {
        internal long Version => Reader.Version;

        /// <summary>Whether damage was met so far.</summary>
        internal bool IsDamaged => Reader.Damage.Count > 0;
    }
}
