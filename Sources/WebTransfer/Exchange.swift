/// A request under way: one hop after the other, each checked before it is sent, and then the response.
struct Exchange {
  private let loop: TransferLoop
  private let request: WebRequest
  private let deadline: ContinuousClock.Instant
  private let capacity: Int?
  private var hop: Hop
  private var job: TransferJob
  private var redirects = 0

  /// Starts the request.
  /// - Parameter capacity: As for `ResponseQueue`.
  init(_ request: WebRequest, capacity: Int?) throws(WebError) {
    guard let loop = TransferLoop.shared else { throw .unavailable(reason: "libcurl cannot be initialised") }
    try request.check()
    self.loop = loop
    self.request = request
    self.capacity = capacity
    deadline = .now + request.timeout
    hop = try Hop(request)
    job = TransferJob(request, hop: hop, deadline: deadline, queue: ResponseQueue(capacity: capacity))
    try start()
  }

  /// The head, pieces of the body, and the end.
  mutating func next() async throws(WebError) -> ResponseQueue.Event {
    while true {
      let (job, loop) = (job, loop)
      let event = await withTaskCancellationHandler {
        await job.queue.next { loop.resume(job) }
      } onCancel: {
        loop.cancel(job)
      }
      if try isForReader(event) { return event }
    }
  }

  /// As `next`, blocking this thread.
  mutating func waitForNext(isCancelled: () -> Bool) throws(WebError) -> ResponseQueue.Event {
    while true {
      let (job, loop) = (job, loop)
      if isCancelled() { loop.cancel(job) }
      let event = job.queue.waitForNext {
        loop.resume(job)
      } onWait: {
        if isCancelled() { loop.cancel(job) }
      }
      if try isForReader(event) { return event }
    }
  }

  /// False for a redirect, which is followed.
  private mutating func isForReader(_ event: ResponseQueue.Event) throws(WebError) -> Bool {
    switch event {
    case .head(let response) where job.isFollowed(response):
      try follow(response)
      return false
    case .end(let error?): throw error
    default: return true
    }
  }

  /// Ends the request, if it has not ended.
  func cancel() {
    if !job.queue.isOver { loop.cancel(job) }
  }

  private func start() throws(WebError) {
    guard request.hostRule.allows(hop.address) else {
      throw .refusedHost(hop.address.host, allowed: request.hostRule.description)
    }
    loop.start(job)
  }

  private mutating func follow(_ response: WebResponse) throws(WebError) {
    guard let target = response.redirectTarget else { preconditionFailure("no redirect: \(response.status)") }
    redirects += 1
    guard redirects <= request.maxRedirects else {
      throw .tooManyRedirects(limit: request.maxRedirects, last: target)
    }
    try hop.follow(response, to: target)
    job = TransferJob(request, hop: hop, deadline: deadline, queue: ResponseQueue(capacity: capacity))
    try start()
  }
}
